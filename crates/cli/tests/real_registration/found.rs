//! A container is found from another host while it serves, and not a moment longer.

use crate::cluster::{Cluster, LIMIT, at, run_web};
use dockeeper_testbed::{IMAGE, wait};
use dockeeper_zk_client::EventKind;

#[tokio::test]
async fn a_container_is_found_from_another_host() {
    let cluster = Cluster::start(2, 1).await;
    let [h1, h2] = cluster.testbed.hosts() else {
        unreachable!("two hosts were asked for");
    };
    run_web(h1, "web-1", 8080, &["--env", "SERVICE_NAME=web"]).await;
    cluster.until_endpoints("web", &[at(h1, 8080)]).await;
    let found = cluster
        .dockeeper(h2, &["discover", "web", "-o", "name"])
        .await;
    assert_eq!(found.trim(), at(h1, 8080));
    let table = cluster.dockeeper(h2, &["ps"]).await;
    assert!(table.contains("web-1") && table.contains("h1"), "{table}");
    let nodes = cluster.dockeeper(h2, &["nodes", "-o", "name"]).await;
    assert_eq!(nodes, "h1\nh2\n");

    // What was found is reached there.
    let address = at(h1, 8080);
    let connect = async || {
        let connected = tokio::net::TcpStream::connect(&address).await;
        connected.map(drop).map_err(|error| error.to_string())
    };
    wait::until("the web server", LIMIT, connect).await.unwrap();
}

#[tokio::test]
async fn an_instance_leaves_when_its_stop_begins() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    // It takes its time to end.
    let script = "trap 'sleep 3; exit 0' TERM; httpd -p 80; while :; do sleep 0.1; done";
    let mut arguments = vec!["run", "--detach", "--name", "slow", "--publish", "8080:80"];
    arguments.extend(["--label", "SERVICE_NAME=slow", IMAGE, "sh", "-c", script]);
    host.docker(&arguments).await.unwrap();
    cluster.until_endpoints("slow", &[at(host, 8080)]).await;
    let path = format!("/services/slow/{}:slow:80", host.node().name());
    let (_, _, gone) = cluster.client.get_and_watch(&path).await.unwrap();

    let stop = host.docker(&["stop", "slow"]);
    let seen = async {
        let event = tokio::time::timeout(LIMIT, gone.fired()).await.unwrap();
        assert_eq!(event.unwrap().kind, EventKind::Deleted);
        let state = ["inspect", "--format", "{{.State.Running}}", "slow"];
        host.docker(&state).await.unwrap()
    };
    let (stopped, running_when_gone) = tokio::join!(stop, seen);
    stopped.unwrap();
    assert_eq!(running_when_gone, "true");
    cluster.settled(host).await;
    let (code, out, err) = cluster.try_dockeeper(host, &["discover", "slow"]).await;
    assert_eq!((code, out.as_str()), (Some(3), ""));
    assert!(err.contains("slow"), "{err}");
}
