//! Two hosts' containers that were given the same id.

use crate::cluster::{Cluster, LIMIT, at, run_web};
use dockeeper_testbed::{Host, Testbed, wait};

#[tokio::test]
async fn an_id_that_another_host_has_is_named_and_taken_when_it_is_free() {
    let builder = Testbed::builder().hosts(2).zookeepers(1);
    // So rarely that nothing here can come from a comparison.
    let cluster = Cluster::start_with(builder, &["--compare-interval", "1h"]).await;
    let [h1, h2] = cluster.testbed.hosts() else {
        unreachable!("two hosts were asked for");
    };
    let labels = ["--label", "SERVICE_NAME=web", "--label", "SERVICE_ID=one"];
    run_web(h1, "web", 8080, &labels).await;
    cluster.until_endpoints("web", &[at(h1, 8080)]).await;
    run_web(h2, "web", 8080, &labels).await;
    let expected = "another node's instance (on h1) holds this id: /services/web/one is owned by \
                    session 0x";
    until_withheld(&cluster, h2, |why| {
        why.is_some_and(|why| why.starts_with(expected))
    })
    .await;
    assert_eq!(withheld(&cluster, h1).await, Some(None));
    assert_eq!(cluster.endpoints("web").await, [at(h1, 8080)]);
    let shown = cluster.dockeeper(h1, &["ps", "-o", "wide"]).await;
    assert!(shown.contains(expected), "{shown}");
    let shown = cluster.dockeeper(h1, &["inspect", "h2/web"]).await;
    assert!(shown.contains(expected), "{shown}");

    h1.docker(&["stop", "--time", "0", "web"]).await.unwrap();
    cluster.until_endpoints("web", &[at(h2, 8080)]).await;
    until_withheld(&cluster, h2, |why| why.is_none()).await;

    // The first comes back and waits in its turn, until the other's whole host is gone.
    h1.docker(&["start", "web"]).await.unwrap();
    until_withheld(&cluster, h1, |why| why.is_some()).await;
    h2.kill().await.unwrap();
    cluster.until_endpoints("web", &[at(h1, 8080)]).await;
}

async fn until_withheld(cluster: &Cluster, host: &Host, is_so: impl Fn(Option<&str>) -> bool) {
    let what = format!("what is withheld on {}", host.node().name());
    let probe = async || match withheld(cluster, host).await {
        Some(why) if is_so(why.as_deref()) => Ok(()),
        other => Err(format!("{other:?}")),
    };
    wait::until(what, LIMIT, probe).await.unwrap();
}

/// Why the instance of a host's only container cannot be found; `None` where nothing is registered.
async fn withheld(cluster: &Cluster, host: &Host) -> Option<Option<String>> {
    let containers = cluster.containers(host).await;
    let instance = containers.values().next()?.instances.first()?.clone();
    Some(instance.withheld)
}
