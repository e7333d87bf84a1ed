//! Releases in a real ZooKeeper, with its default limits, through connections that break.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

#[path = "../common/contention.rs"]
mod contention;
#[path = "../common/keeping.rs"]
mod keeping;
#[path = "../common/large.rs"]
mod large;
#[path = "../common/releases.rs"]
mod releases;
#[path = "../common/scenarios.rs"]
mod scenarios;

use dockeeper_config::store::{Removal, Store};
use dockeeper_testbed::{Endpoint, Testbed};
use dockeeper_zk_client::{Client, Config};
use scenarios::app;
use std::time::Duration;
use tokio::time::{sleep, timeout};

const LIMIT: Duration = Duration::from_secs(60);

async fn start() -> (Testbed, Client) {
    let builder = Testbed::builder().hosts(0).zookeepers(1);
    let testbed = builder.start().await.unwrap();
    let servers = testbed.zookeeper().connect_string();
    let client = Client::connect(Config::new(servers.parse().unwrap()));
    client.connected(LIMIT).await.unwrap();
    (testbed, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_are_made_read_and_removed() {
    let (testbed, client) = start().await;
    let store = Store::new(&client);
    releases::edits(&client).await;
    store.remove(&app(), Removal::Careful).await.unwrap();
    releases::ways_back(&client).await;
    store.remove(&app(), Removal::Careful).await.unwrap();
    keeping::retention(&client).await;
    store.remove(&app(), Removal::Forced).await.unwrap();
    releases::expectations_and_lists(&client).await;
    store.remove(&app(), Removal::Careful).await.unwrap();
    keeping::removal(&client).await;
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn several_megabytes_fit_into_the_default_limits() {
    let (testbed, client) = start().await;
    large::blobs(&client).await;
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_release_is_made_once_through_lost_connections() {
    let (testbed, direct) = start().await;
    let server = testbed.zookeeper().server(0).address();
    let proxy = testbed.proxy(Endpoint::Tcp(server)).await.unwrap();
    let servers = proxy.endpoint().to_string();
    let clients = [(); 3].map(|()| Client::connect(Config::new(servers.parse().unwrap())));
    let cuts = async {
        let mut rng = fastrand::Rng::with_seed(1);
        loop {
            sleep(Duration::from_millis(rng.u64(10..60))).await;
            proxy.sever();
        }
    };
    tokio::select! {
        done = timeout(LIMIT, contention::crowd(&clients, &direct, 40)) => done.unwrap(),
        () = cuts => unreachable!("it goes on until the work is done"),
    }
    testbed.shutdown().await.unwrap();
}
