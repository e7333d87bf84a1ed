//! What others do to the znodes of a host's containers is mended.

use crate::cluster::{Cluster, LIMIT, at, run_web};
use dockeeper_testbed::{Testbed, wait};

#[tokio::test]
async fn changed_and_deleted_znodes_are_as_they_were() {
    let builder = Testbed::builder().hosts(1).zookeepers(1);
    let cluster = Cluster::start_with(builder, &["--compare-interval", "1s"]).await;
    let host = cluster.testbed.host(0);
    let id = run_web(host, "web", 8080, &["--label", "SERVICE_NAME=web"]).await;
    cluster.until_endpoints("web", &[at(host, 8080)]).await;
    cluster.settled(host).await;
    let node = host.node().name();
    for path in [
        format!("/services/web/{node}:web:80"),
        format!("/containers/{node}/{id}"),
    ] {
        let (content, _) = cluster.client.get(&path).await.unwrap();
        let mended = async || match cluster.client.get(&path).await {
            Ok((found, _)) if found == content => Ok(()),
            other => Err(format!("{other:?}")),
        };
        let hacked = "{\"hacked\":1}";
        cluster.client.set(&path, hacked, None).await.unwrap();
        wait::until("the content", LIMIT, mended).await.unwrap();
        cluster.client.delete(&path, None).await.unwrap();
        wait::until("the znode", LIMIT, mended).await.unwrap();
    }
}
