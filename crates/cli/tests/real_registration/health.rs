//! Only what is well is found.

use crate::cluster::{Cluster, LIMIT, at, report, run_web};
use dockeeper_testbed::{Host, wait};

/// Waits until a container's instance is withheld for a reason with these words.
pub(crate) async fn until_withheld(cluster: &Cluster, host: &Host, id: &str, why: &str) {
    let probe = async || {
        let containers = cluster.containers(host).await;
        let withheld = containers
            .get(id)
            .and_then(|c| c.instances[0].withheld.clone());
        match withheld {
            Some(reason) if reason.contains(why) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    };
    wait::until(why.to_owned(), LIMIT, probe).await.unwrap();
}

#[tokio::test]
async fn dockers_health_check_decides() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let check = ["--health-cmd", "test -e /well", "--health-interval", "1s"];
    let id = run_web(
        host,
        "web",
        8080,
        &[&check[..], &["--health-retries", "1"]].concat(),
    )
    .await;
    until_withheld(&cluster, host, &id, "HEALTHCHECK").await;
    assert_eq!(cluster.endpoints("busybox").await, [""; 0]);
    host.docker(&["exec", "web", "touch", "/well"])
        .await
        .unwrap();
    cluster.until_endpoints("busybox", &[at(host, 8080)]).await;
    host.docker(&["exec", "web", "rm", "/well"]).await.unwrap();
    cluster.until_endpoints("busybox", &[]).await;
    until_withheld(&cluster, host, &id, "unhealthy").await;
}

#[tokio::test]
async fn checks_of_the_metadata_decide() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let check = |key: &str, value: &str| format!("SERVICE_CHECK_{key}={value}");
    let every = check("INTERVAL", "1s");
    let http = check("HTTP", "/index.html");
    let options = [
        "--label",
        &http,
        "--label",
        &every,
        "--label",
        "SERVICE_NAME=http",
    ];
    let id = run_web(host, "http", 8080, &options).await;
    until_withheld(&cluster, host, &id, "404").await;
    host.docker(&["exec", "http", "touch", "/index.html"])
        .await
        .unwrap();
    cluster.until_endpoints("http", &[at(host, 8080)]).await;

    let tcp = check("TCP", "true");
    let options = [
        "--label",
        &tcp,
        "--label",
        &every,
        "--label",
        "SERVICE_NAME=tcp",
    ];
    run_web(host, "tcp", 8081, &options).await;
    cluster.until_endpoints("tcp", &[at(host, 8081)]).await;

    let command = check("CMD", "test -e /well");
    let options = [
        "--label",
        &command,
        "--label",
        &every,
        "--label",
        "SERVICE_NAME=command",
    ];
    let id = run_web(host, "command", 8082, &options).await;
    until_withheld(&cluster, host, &id, "check").await;
    host.docker(&["exec", "command", "touch", "/well"])
        .await
        .unwrap();
    cluster.until_endpoints("command", &[at(host, 8082)]).await;
}

#[tokio::test]
async fn a_service_can_report_about_itself() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let labels = [
        "--label",
        "SERVICE_CHECK_TTL=2s",
        "--label",
        "SERVICE_NAME=ttl",
    ];
    let id = run_web(host, "ttl", 8080, &labels).await;
    until_withheld(&cluster, host, &id, "check").await;
    report(host, &format!("service:{}:ttl:80", host.node().name())).await;
    cluster.until_endpoints("ttl", &[at(host, 8080)]).await;
    // Nobody reports any more.
    cluster.until_endpoints("ttl", &[]).await;
    until_withheld(&cluster, host, &id, "check").await;
}
