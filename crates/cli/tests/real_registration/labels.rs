//! Where and under which names containers are found.

use crate::cluster::{Cluster, at, run_web};
use dockeeper_testbed::{IMAGE, Testbed};

#[tokio::test]
async fn ports_names_and_networks_are_as_their_users_say() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let two = [
        "--publish",
        "8443:443",
        "--label",
        "SERVICE_443_NAME=secure,admin",
    ];
    run_web(
        host,
        "two",
        8080,
        &[&two[..], &["--label", "SERVICE_NAME=plain"]].concat(),
    )
    .await;
    cluster.until_endpoints("plain", &[at(host, 8080)]).await;
    cluster.until_endpoints("secure", &[at(host, 8443)]).await;
    cluster.until_endpoints("admin", &[at(host, 8443)]).await;

    host.docker(&["network", "create", "back"]).await.unwrap();
    let mut run = vec![
        "run", "--detach", "--init", "--name", "inner", "--expose", "9000/udp",
    ];
    run.extend(["--network", "back", "--label", "SERVICE_NETWORK=back"]);
    run.extend(["--label", "SERVICE_NAME=inner", IMAGE, "sleep", "600"]);
    host.docker(&run).await.unwrap();
    let format = "{{(index .NetworkSettings.Networks \"back\").IPAddress}}";
    let ip = host
        .docker(&["inspect", "--format", format, "inner"])
        .await
        .unwrap();
    cluster
        .until_endpoints("inner", &[format!("{ip}:9000")])
        .await;

    host.docker(&["network", "disconnect", "back", "inner"])
        .await
        .unwrap();
    cluster.until_endpoints("inner", &[]).await;
    host.docker(&["network", "connect", "back", "inner"])
        .await
        .unwrap();
    let ip = host
        .docker(&["inspect", "--format", format, "inner"])
        .await
        .unwrap();
    cluster
        .until_endpoints("inner", &[format!("{ip}:9000")])
        .await;

    let mut run = vec!["run", "--detach", "--init", "--network", "host"];
    run.extend([
        "--label",
        "SERVICE_NAME=hostly",
        "--label",
        "SERVICE_PORT=7000",
    ]);
    host.docker(&[&run[..], &[IMAGE, "sleep", "600"]].concat())
        .await
        .unwrap();
    cluster.until_endpoints("hostly", &[at(host, 7000)]).await;

    host.docker(&["rename", "two", "renamed"]).await.unwrap();
    let path = format!("/services/plain/{}:renamed:80", host.node().name());
    let renamed = async || match cluster.client.exists(&path).await {
        Ok(Some(_)) => Ok(()),
        other => Err(format!("{other:?}")),
    };
    let limit = crate::cluster::LIMIT;
    dockeeper_testbed::wait::until("the new name", limit, renamed)
        .await
        .unwrap();
    cluster.until_endpoints("plain", &[at(host, 8080)]).await;
}

#[tokio::test]
async fn a_port_in_anothers_network_is_reached_where_that_one_is() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    run_web(host, "main", 8080, &[]).await;
    let mut run = vec!["run", "--detach", "--init", "--network", "container:main"];
    run.extend([
        "--label",
        "SERVICE_NAME=share",
        "--label",
        "SERVICE_PORT=80",
    ]);
    run.extend([IMAGE, "sleep", "600"]);
    host.docker(&run).await.unwrap();
    cluster.until_endpoints("share", &[at(host, 8080)]).await;
}

#[tokio::test]
async fn a_service_that_is_reached_nowhere_is_explained() {
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let lost = [
        "--label",
        "SERVICE_NAME=lost",
        "--label",
        "SERVICE_NETWORK=no",
    ];
    run_web(host, "lost", 8080, &lost).await;
    let mut run = vec!["run", "--detach", "--init", "--name", "inner"];
    run.extend(["--expose", "80", "--env", "SERVICE_NAME=inner"]);
    run.extend([IMAGE, "sleep", "600"]);
    host.docker(&run).await.unwrap();
    cluster.settled(host).await;
    for (service, why) in [
        ("lost", "h1/lost is withheld: SERVICE_NETWORK is \"no\""),
        (
            "inner",
            "h1/inner is withheld: port 80/tcp is not published",
        ),
    ] {
        let (code, _, said) = cluster.try_dockeeper(host, &["discover", service]).await;
        assert_ne!(code, Some(0));
        assert!(said.contains(why), "{said}");
        let shown = cluster.dockeeper(host, &["ps", "-o", "wide"]).await;
        assert!(shown.contains(&format!("{service} (withheld)")), "{shown}");
    }
}

#[tokio::test]
async fn an_agent_can_advertise_containers_at_their_own_addresses() {
    let builder = Testbed::builder().hosts(1).zookeepers(1);
    let cluster = Cluster::start_with(builder, &["--internal"]).await;
    let host = cluster.testbed.host(0);
    let run = [
        "run",
        "--detach",
        "--init",
        "--expose",
        "80",
        "--label",
        "SERVICE_NAME=inner",
    ];
    let id = host
        .docker(&[&run[..], &[IMAGE, "sleep", "600"]].concat())
        .await
        .unwrap();
    let format = "{{.NetworkSettings.IPAddress}}";
    let ip = host
        .docker(&["inspect", "--format", format, &id])
        .await
        .unwrap();
    cluster
        .until_endpoints("inner", &[format!("{ip}:80")])
        .await;
}
