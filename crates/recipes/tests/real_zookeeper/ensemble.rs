//! The recipes against an ensemble, whose servers are behind each other now and then.

use crate::{LIMIT, SHORT, counter, queue, while_cut};
use dockeeper_recipes::{counter::Format, queue::Layout};
use dockeeper_testbed::{Endpoint, Testbed};
use dockeeper_zk_client::{Client, Config};

const SERVERS: u8 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn changes_count_once_from_server_to_server() {
    let builder = Testbed::builder().hosts(0).zookeepers(SERVERS);
    let testbed = builder.start().await.unwrap();
    let servers = testbed.zookeeper().connect_string();
    let direct = Client::connect(Config::new(servers.parse().unwrap()));
    direct.connected(LIMIT).await.unwrap();
    let mut proxies = Vec::new();
    for server in 0..SERVERS {
        let target = testbed.zookeeper().server(server.into()).address();
        proxies.push(testbed.proxy(Endpoint::Tcp(target)).await.unwrap());
    }
    let endpoints: Vec<_> = proxies.iter().map(|p| p.endpoint().to_string()).collect();
    let config = Config {
        session_timeout: SHORT * 8,
        ..Config::new(endpoints.join(",").parse().unwrap())
    };
    let work = async {
        counter::additions(config.clone(), &direct, "/counter", Format::AtomicLong).await;
        queue::exchange(config, &direct, Layout::Curator).await;
    };
    let [one, two, three] = &proxies[..] else {
        panic!("one proxy for each server");
    };
    while_cut(one, 1, while_cut(two, 2, while_cut(three, 3, work))).await;
    testbed.shutdown().await.unwrap();
}
