//! A host that gets another address.

use crate::cluster::{Cluster, LIMIT, run_web};
use dockeeper_testbed::{Builder, Host, Testbed, wait};

/// The last byte of an address that no node of a testbed has.
const FREE: u8 = 77;

fn builder() -> Builder {
    Testbed::builder().hosts(1).zookeepers(1)
}

/// Runs `ip` commands on a host.
async fn ip(host: &Host, commands: &str) {
    let mut shell = host.command("sh").unwrap();
    let output = shell.args(["-ec", commands]).output();
    let output = tokio::time::timeout(LIMIT, output).await.unwrap().unwrap();
    assert!(output.status.success(), "{commands}: {output:?}");
}

/// The host's address to be, and the network around it.
fn another(host: &Host) -> (String, String) {
    let [a, b, c, _] = host.node().address().octets();
    (format!("{a}.{b}.{c}.{FREE}"), format!("{a}.{b}.{c}.0/24"))
}

async fn until_advertised(cluster: &Cluster, address: &str) {
    cluster
        .until_endpoints("web", &[format!("{address}:8080")])
        .await;
    let shown = async || {
        let nodes = cluster.dockeeper(cluster.testbed.host(0), &["nodes"]).await;
        if nodes.contains(address) {
            Ok(())
        } else {
            Err(nodes)
        }
    };
    wait::until("the node's address", LIMIT, shown)
        .await
        .unwrap();
}

#[tokio::test]
async fn another_address_is_advertised_after_the_reconnect() {
    // So rarely that nothing here can come from a comparison.
    let cluster = Cluster::start_with(builder(), &["--compare-interval", "1h"]).await;
    let host = cluster.testbed.host(0);
    run_web(host, "web", 8080, &["--label", "SERVICE_NAME=web"]).await;
    until_advertised(&cluster, &host.node().address().to_string()).await;
    let node = format!("/nodes/{}", host.node().name());
    let before = cluster.client.exists(&node).await.unwrap().unwrap();

    // As DHCP does when a lease cannot be renewed.
    let (address, _) = another(host);
    let commands = format!("ip address flush dev eth0; ip address add {address}/24 dev eth0");
    ip(host, &commands).await;
    until_advertised(&cluster, &address).await;
    let after = cluster.client.exists(&node).await.unwrap().unwrap();
    assert_eq!(after.czxid, before.czxid, "the session goes on");
}

#[tokio::test]
async fn another_route_is_found_without_a_reconnect() {
    let cluster = Cluster::start_with(builder(), &["--compare-interval", "1s"]).await;
    let host = cluster.testbed.host(0);
    run_web(host, "web", 8080, &["--label", "SERVICE_NAME=web"]).await;
    let old = host.node().address().to_string();
    until_advertised(&cluster, &old).await;
    let (address, network) = another(host);
    let commands = format!(
        "ip address add {address}/24 dev eth0; ip route change {network} dev eth0 src {address}"
    );
    ip(host, &commands).await;
    until_advertised(&cluster, &address).await;
    ip(
        host,
        &format!("ip route change {network} dev eth0 src {old}"),
    )
    .await;
    until_advertised(&cluster, &old).await;
}

#[tokio::test]
async fn an_address_that_is_given_stays() {
    let arguments = ["--compare-interval", "1s", "--address", "203.0.113.9"];
    let cluster = Cluster::start_with(builder(), &arguments).await;
    let host = cluster.testbed.host(0);
    run_web(host, "web", 8080, &["--label", "SERVICE_NAME=web"]).await;
    until_advertised(&cluster, "203.0.113.9").await;
    let server = cluster.testbed.zookeeper().server(0);
    server.stop().await.unwrap();
    server.start().await.unwrap();
    server.serving().await.unwrap();
    // Registered behind the reconnect, and so behind the look that it would bring.
    run_web(host, "later", 8081, &["--label", "SERVICE_NAME=later"]).await;
    let later = ["203.0.113.9:8081".to_owned()];
    cluster.until_endpoints("later", &later).await;
    assert_eq!(cluster.endpoints("web").await, ["203.0.113.9:8080"]);
}
