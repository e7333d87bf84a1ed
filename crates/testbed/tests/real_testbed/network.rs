//! The network carries everything until it is told not to.

use std::net::Ipv4Addr;

use dockeeper_testbed::{Host, IMAGE, Result, Testbed};
use tokio::{net::TcpStream, time::timeout};

use crate::{
    SILENCE,
    containers::{greeting, serve},
    traces,
};

#[tokio::test(flavor = "multi_thread")]
async fn hosts_reach_one_another_until_they_are_cut() {
    let testbed = Testbed::builder()
        .hosts(2)
        .zookeepers(3)
        .start()
        .await
        .unwrap();
    published_ports_are_reached(&testbed).await.unwrap();
    cuts_are_silent_and_heal(&testbed).await.unwrap();
    isolation_ends(&testbed).await.unwrap();

    let layout = *testbed.layout();
    testbed.shutdown().await.unwrap();
    assert_eq!(traces::of(&layout), Vec::<String>::new());
}

async fn published_ports_are_reached(testbed: &Testbed) -> Result<()> {
    let (first, second) = (testbed.host(0), testbed.host(1));
    serve(first, "web").await?;
    let address = first.node().address();
    assert_eq!(greeting(&format!("{address}:8080")).await, "hello");

    let format = "{{.NetworkSettings.IPAddress}}";
    let inner = first
        .docker(&["inspect", "--format", format, "web"])
        .await?;
    assert_eq!(greeting(&format!("{inner}:8080")).await, "hello");

    for (target, network) in [(address.to_string(), "host"), (inner, "bridge")] {
        let script = format!("nc {target} 8080 < /dev/null");
        let run = [
            "run",
            "--rm",
            "--network",
            network,
            IMAGE,
            "sh",
            "-c",
            &script,
        ];
        assert_eq!(
            second.docker(&run).await?,
            "hello",
            "{target} from {network}"
        );
    }
    Ok(())
}

async fn cuts_are_silent_and_heal(testbed: &Testbed) -> Result<()> {
    let (host, other) = (testbed.host(0), testbed.host(1));
    let server = testbed.zookeeper().server(0);
    assert_eq!(server.ask("ruok").await?, "imok");
    assert!(asks(host, server.node().address()).await);

    testbed.cut(host, server).await?;
    testbed.cut(server, host).await?;
    assert!(!asks(host, server.node().address()).await);
    assert!(asks(other, server.node().address()).await);
    assert_eq!(server.ask("ruok").await?, "imok");
    testbed.heal(host, server).await?;
    assert!(asks(host, server.node().address()).await);

    testbed.cut(testbed.caller(), server).await?;
    let connect = timeout(SILENCE, TcpStream::connect(server.address())).await;
    assert!(connect.is_err(), "{connect:?}");
    assert!(asks(host, server.node().address()).await);
    testbed.heal(testbed.caller(), server).await?;
    assert_eq!(server.ask("ruok").await?, "imok");
    Ok(())
}

async fn isolation_ends(testbed: &Testbed) -> Result<()> {
    let server = testbed.zookeeper().server(1);
    testbed.isolate(server).await?;
    let connect = timeout(SILENCE, TcpStream::connect(server.address())).await;
    assert!(!matches!(connect, Ok(Ok(_))), "{connect:?}");
    testbed.rejoin(server).await?;
    server.serving().await.map(drop)
}

/// Whether a `ZooKeeper` server answers a program on the host.
async fn asks(host: &Host, server: Ipv4Addr) -> bool {
    let script = format!("(echo ruok; sleep 1) | timeout 1 busybox nc {server} 2181");
    let output = host
        .command("sh")
        .unwrap()
        .args(["-c", &script])
        .output()
        .await
        .unwrap();
    output.stdout == b"imok"
}
