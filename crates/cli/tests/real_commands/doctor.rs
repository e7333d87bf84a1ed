use crate::world::World;
use dockeeper_zk_client::{Acl, Client, Config};
use serde_json::Value;

/// The findings, as `check status`.
async fn findings(world: &World, address: &str, arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let arguments = [&["doctor", "--no-docker", "-o", "json"], arguments].concat();
    let ended = world.run_at(address, &arguments).await;
    let findings: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    let findings = findings.iter().map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        format!("{} {}", text("check"), text("status"))
    });
    (ended.code, findings.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tests_everything_and_leaves_nothing() {
    let world = World::start().await;
    world.put_node("h1", "10.0.0.1").await;
    let address = world.address.clone();
    let all_is_well = [
        "connect ok",
        "version ok",
        "mode ok",
        "session ok",
        "connections ok",
        "time-outs ok",
        "data ok",
        "acl warn",
        "write ok",
        "types ok",
    ];
    let (code, found) = findings(&world, &address, &[]).await;
    assert_eq!(
        (code, found),
        (Some(0), all_is_well.map(str::to_owned).to_vec())
    );
    let (left, _) = world.client.list("/").await.unwrap();
    assert!(
        left.iter().all(|name| !name.starts_with("doctor")),
        "{left:?}"
    );

    // A chroot that the first agent will create, and a server that is not there.
    let two = format!("{address},127.0.0.1:1/later/on");
    let (code, found) = findings(&world, &two, &[]).await;
    assert_eq!(code, Some(1));
    for finding in ["connect fail", "ensemble warn", "data warn", "write ok"] {
        assert!(
            found.iter().any(|found| found == finding),
            "{finding}: {found:?}"
        );
    }

    let root = Client::connect(Config::new(address.parse().unwrap()));
    root.set_acl("/dockeeper", Acl::read_only(), None)
        .await
        .unwrap();
    let (code, found) = findings(&world, &address, &[]).await;
    assert_eq!(code, Some(1));
    assert!(found.contains(&"data ok".to_owned()), "{found:?}");
    assert!(found.contains(&"write fail".to_owned()), "{found:?}");
    // What lies below has a list of its own.
    assert!(found.contains(&"acl warn".to_owned()), "{found:?}");
    let acl = Acl::read_only();
    root.set_acl("/dockeeper/nodes", acl, None).await.unwrap();
    let (_, found) = findings(&world, &address, &[]).await;
    assert!(found.contains(&"acl ok".to_owned()), "{found:?}");
    root.close().await;

    docker_alone_fails(&world).await;
    world.end().await;
}

async fn docker_alone_fails(world: &World) {
    let address = format!("{}/", world.address);
    let mut command = crate::program::dockeeper(&["doctor"]);
    command
        .env("DOCKEEPER_ZK", address)
        .env("DOCKER_HOST", "unix:///nowhere.sock");
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.unwrap().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(6), "{stdout}");
    let mut lines = stdout.lines().rev();
    let (advice, failed) = (lines.next().unwrap(), lines.next().unwrap());
    assert!(failed.starts_with("fail   Docker"), "{stdout}");
    assert!(failed.contains("unix:///nowhere.sock"), "{stdout}");
    assert!(advice.contains("--no-docker"), "{stdout}");
}
