//! What is taken out of service is not found, and is back afterwards.

use crate::cluster::{Cluster, at, run_web};

#[tokio::test]
async fn maintenance_takes_out_and_gives_back() {
    let cluster = Cluster::start(2, 1).await;
    let [h1, h2] = cluster.testbed.hosts() else {
        unreachable!("two hosts were asked for");
    };
    for host in [h1, h2] {
        run_web(host, "web", 8080, &["--label", "SERVICE_NAME=web"]).await;
    }
    let (first, second) = (at(h1, 8080), at(h2, 8080));
    let both = [first.clone(), second.clone()];
    cluster.until_endpoints("web", &both).await;
    let id = h1
        .docker(&["inspect", "--format", "{{.Id}}", "web"])
        .await
        .unwrap();
    for (subject, left) in [
        (["--node", "h2"], vec![first]),
        (["--service", "web"], vec![]),
        (["--container", &id[..12]], vec![second]),
    ] {
        let on = [
            &["maintenance", "on"][..],
            &subject,
            &["--reason", "new disk"],
        ]
        .concat();
        cluster.dockeeper(h1, &on).await;
        cluster.until_endpoints("web", &left).await;
        let listed = cluster.dockeeper(h2, &["maintenance", "ls"]).await;
        assert!(listed.contains("new disk"), "{listed}");
        let shown = cluster.dockeeper(h2, &["ps", "-o", "wide"]).await;
        assert!(shown.contains("new disk"), "{shown}");
        cluster
            .dockeeper(h2, &[&["maintenance", "off"][..], &subject].concat())
            .await;
        cluster.until_endpoints("web", &both).await;
    }
}
