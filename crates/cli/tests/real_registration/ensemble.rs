//! The loss of ZooKeeper stops changes, never containers, and is made up for.

use crate::{
    cluster::{Cluster, at, run_web},
    history::History,
};
use std::time::Duration;
use tokio::time::Instant;

/// How long all of ZooKeeper is away.
const AWAY: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_leaders_death_deletes_nothing() {
    let cluster = Cluster::start(2, 3).await;
    let [h1, h2] = cluster.testbed.hosts() else {
        unreachable!("two hosts were asked for");
    };
    let mut expected = Vec::new();
    for host in [h1, h2] {
        run_web(host, "web", 8080, &["--label", "SERVICE_NAME=web"]).await;
        expected.push(at(host, 8080));
    }
    cluster.until_endpoints("web", &expected).await;
    let history = History::begin(&cluster.client).await;
    cluster.testbed.zookeeper().kill_leader().await.unwrap();
    let names = cluster
        .dockeeper(h2, &["discover", "web", "-o", "name"])
        .await;
    assert_eq!(names.lines().collect::<Vec<_>>(), expected);
    run_web(h1, "later", 8081, &["--label", "SERVICE_NAME=later"]).await;
    cluster.until_endpoints("later", &[at(h1, 8081)]).await;
    cluster.settled(h1).await;
    cluster.settled(h2).await;
    assert_eq!(history.deleted(), [""; 0]);
}

#[tokio::test]
async fn a_minute_without_zookeeper_is_made_up_for() {
    let cluster = Cluster::start(1, 3).await;
    let host = cluster.testbed.host(0);
    run_web(host, "stays", 8080, &[]).await;
    run_web(host, "goes", 8081, &[]).await;
    cluster.settled(host).await;
    cluster.testbed.zookeeper().stop_all().await.unwrap();
    let away = Instant::now();
    let mut number = 0;
    while away.elapsed() < AWAY {
        number += 1;
        let name = format!("web-{number}");
        run_web(host, &name, 8100 + number, &[]).await;
        if number % 3 != 0 {
            host.docker(&["rm", "--force", &name]).await.unwrap();
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    host.docker(&["rm", "--force", "goes"]).await.unwrap();
    cluster.testbed.zookeeper().start_all().await.unwrap();
    let back = Instant::now();
    cluster.settled(host).await;
    println!("equal {:?} after ZooKeeper was back", back.elapsed());
}
