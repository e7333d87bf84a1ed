//! The ensemble loses servers and gets them back, and a proxy loses its connections.

use dockeeper_testbed::{
    Endpoint, Testbed,
    wait::until,
    zookeeper::{Mode, ask},
};
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use crate::LIMIT;

#[tokio::test(flavor = "multi_thread")]
async fn another_leader_is_elected() {
    let testbed = Testbed::builder()
        .hosts(0)
        .zookeepers(3)
        .start()
        .await
        .unwrap();
    let ensemble = testbed.zookeeper();
    let killed = ensemble.kill_leader().await.unwrap();
    let leader = ensemble.leader().await.unwrap();
    assert_ne!(leader.node(), killed.node());
    killed.start().await.unwrap();
    assert_eq!(killed.serving().await.unwrap().mode, Mode::Follower);

    ensemble.stop_all().await.unwrap();
    assert!(leader.ask("ruok").await.is_err());
    ensemble.start_all().await.unwrap();

    let proxy = testbed
        .proxy(Endpoint::Tcp(ensemble.server(0).address()))
        .await
        .unwrap();
    let Endpoint::Tcp(address) = *proxy.endpoint() else {
        panic!("not TCP")
    };
    assert_eq!(ask(address, "ruok").await.unwrap(), "imok");
    let mut client = TcpStream::connect(address).await.unwrap();
    until("the connection", LIMIT, async || {
        match proxy.connections() {
            1 => Ok(()),
            count => Err(count.to_string()),
        }
    })
    .await
    .unwrap();
    proxy.sever();
    let end = timeout(LIMIT, client.read_u8()).await.unwrap();
    assert!(end.is_err(), "{end:?}");
    assert_eq!(ask(address, "ruok").await.unwrap(), "imok");
    testbed.shutdown().await.unwrap();
}
