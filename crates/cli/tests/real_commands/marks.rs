use crate::world::World;
use dockeeper_model::{Maintenance, decode};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn marks_are_set_listed_and_removed() {
    let world = World::start().await;
    world.put_node("h1", "10.0.0.1").await;
    world.put_container("h1", "1", None).await;
    set(&world).await;
    list(&world).await;
    remove(&world).await;
    world.end().await;
}

async fn say(world: &World, arguments: &[&str]) -> (Option<i32>, String) {
    let ended = world.run(arguments).await;
    assert_eq!(ended.stdout, "");
    (ended.code, ended.stderr)
}

async fn set(world: &World) {
    let on = ["maintenance", "on", "--node", "h1", "--reason", "new disk"];
    assert_eq!(
        say(world, &on).await,
        (Some(0), "node h1 is out of service\n".to_owned())
    );
    let again = [
        "maintenance",
        "on",
        "--node",
        "h1",
        "--reason",
        "newer disk",
    ];
    let (code, said) = say(world, &again).await;
    assert_eq!(code, Some(0));
    assert!(said.contains("\"new disk\" (by tester@"), "{said}");

    let on = [
        "maintenance",
        "on",
        "--container",
        "web-1",
        "--reason",
        "odd",
    ];
    assert_eq!(say(world, &on).await.0, Some(0));
    let path = format!("/maintenance/containers/{}", "1".repeat(64));
    let (content, _) = world.client.get(&path).await.unwrap();
    let mark: Maintenance = decode(&content).unwrap();
    assert_eq!(
        (mark.reason.as_str(), mark.node.as_deref()),
        ("odd", Some("h1"))
    );
    assert!(mark.by.starts_with("tester@"), "{}", mark.by);

    let on = [
        "maintenance",
        "on",
        "--service",
        "later",
        "--reason",
        "not yet",
    ];
    let (code, said) = say(world, &on).await;
    assert_eq!(code, Some(0));
    assert!(
        said.contains("warning: no instance of it is registered"),
        "{said}"
    );

    let on = ["maintenance", "on", "--container", "none", "--reason", "x"];
    let (code, said) = say(world, &on).await;
    assert_eq!(code, Some(3));
    assert!(said.contains("no container has the name 'none'"), "{said}");
}

async fn list(world: &World) {
    let listed = world.run(&["maintenance", "ls", "-o", "json"]).await;
    let marks: Value = serde_json::from_str(&listed.stdout).unwrap();
    let shown = marks.as_array().unwrap().iter().map(|mark| {
        let text = |key: &str| mark[key].as_str().unwrap().to_owned();
        (text("type"), text("name"), text("reason"))
    });
    let shown: Vec<_> = shown.collect();
    let expected = [
        ("node", "h1", "newer disk"),
        ("service", "later", "not yet"),
        ("container", &"1".repeat(64), "odd"),
    ];
    let own = |(a, b, c): (&str, &str, &str)| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(shown, expected.map(own));
    let nodes = world.run(&["nodes"]).await;
    assert!(
        nodes.stdout.contains("maintenance (newer disk)"),
        "{}",
        nodes.stdout
    );
}

async fn remove(world: &World) {
    // The container is gone, its mark is not.
    world
        .remove(&format!("/containers/h1/{}", "1".repeat(64)))
        .await;
    let (code, said) = say(world, &["maintenance", "off", "--container", "111"]).await;
    assert_eq!(code, Some(0));
    assert!(said.contains("is back in service"), "{said}");

    world
        .client
        .set("/maintenance/nodes/h1", "foreign", None)
        .await
        .unwrap();
    let (code, said) = say(world, &["maintenance", "off", "--node", "h1"]).await;
    assert_eq!(code, Some(0));
    assert!(said.contains("its znode has foreign content"), "{said}");
    let (code, said) = say(world, &["maintenance", "off", "--node", "h1"]).await;
    assert_eq!(
        (code, said.as_str()),
        (Some(0), "node h1 was not out of service\n")
    );

    assert_eq!(
        say(world, &["maintenance", "off", "--service", "later"])
            .await
            .0,
        Some(0)
    );
    let (_, said) = say(world, &["maintenance", "ls"]).await;
    assert_eq!(said, "nothing is out of service\n");
}
