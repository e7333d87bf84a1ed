//! Templates that ask for their container, and for what changes.

use crate::world::World;
use dockeeper_model::config::Step;

#[tokio::test(flavor = "multi_thread")]
async fn each_of_several_containers_gets_its_own() {
    let world = World::start().await;
    let template = "{{ container.name }} {{ container.labels.color }}";
    world.publish(&[("app.conf.j2", template)]).await;
    let host = world.host();
    // Both are candidates for each mount.
    for (name, label) in [("red", "color=red"), ("blue", "color=blue")] {
        let mut create = vec!["create", "--name", name, "--label", label];
        create.extend(["--network", "none", "--volume-driver", "dockeeper"]);
        create.extend(["--volume", "web:/etc/web:ro"]);
        create.extend([dockeeper_testbed::IMAGE, "sleep", "9999"]);
        host.docker(&create).await.unwrap();
    }
    host.docker(&["start", "red", "blue"]).await.unwrap();
    for name in ["red", "blue"] {
        let expected = format!("{name} {name}");
        world
            .until_says(name, "cat /etc/web/app.conf", &expected)
            .await;
        world.until_ack(name, 1, Step::Healthy).await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rendered_from_services_follows_them() {
    let world = World::start().await;
    let template = "{% for i in service(\"shop\") %}{{ i.container }} {% endfor %}";
    world.publish(&[("app.conf.j2", template)]).await;
    let told = "dockeeper.config.web.on-change=signal:SIGHUP";
    world.run("web-1", &[told]).await;
    assert_eq!(world.shell("web-1", "cat /etc/web/app.conf").await, "");
    let mut run = vec![
        "run",
        "--detach",
        "--name",
        "shop-1",
        "--publish",
        "8080:80",
    ];
    run.extend(["--label", "SERVICE_NAME=shop"]);
    run.extend([dockeeper_testbed::IMAGE, "httpd", "-f", "-p", "80"]);
    world.host().docker(&run).await.unwrap();
    world.until_says("web-1", "cat /tmp/seen", "shop-1").await;
    world.until_ack("web-1", 1, Step::Healthy).await;
    world.stop().await;
}
