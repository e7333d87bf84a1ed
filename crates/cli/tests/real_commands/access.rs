use crate::world::World;
use dockeeper_model::{NodeRecord, encode};
use dockeeper_zk_client::{Client, Config, CreateMode};

#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_are_told_from_an_empty_cluster() {
    let world = World::start().await;
    let servers = format!("{}/dockeeper", world.address).parse().unwrap();
    let record = NodeRecord::default();
    let owner = Client::connect(Config::new(servers).with_digest("me:right"));
    owner
        .create("/nodes", "", CreateMode::Persistent)
        .await
        .unwrap();
    owner
        .create("/containers", "", CreateMode::Persistent)
        .await
        .unwrap();
    owner
        .create("/nodes/h1", encode(&record), CreateMode::Ephemeral)
        .await
        .unwrap();
    for arguments in [
        &["ps"][..],
        &["nodes"],
        &["inspect", "h1"],
        &["nodes", "--watch"],
        &["watch", "containers"],
        &["maintenance", "on", "--node", "h1", "--reason", "x"],
    ] {
        let ended = world.run(arguments).await;
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(5), ""),
            "{}",
            ended.stderr
        );
        assert!(
            ended.stderr.contains("anybody without credentials"),
            "{}",
            ended.stderr
        );
        assert!(
            ended.stderr.contains("DOCKEEPER_ZK_AUTH"),
            "{}",
            ended.stderr
        );
        let wrong = [arguments, &["--zk-auth", "me:wrong"]].concat();
        let ended = world.run(&wrong).await;
        assert_eq!(ended.code, Some(5), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("refused the credentials"),
            "{}",
            ended.stderr
        );
        assert!(!ended.stderr.contains("me:wrong"), "{}", ended.stderr);
    }
    let right = ["nodes", "-o", "name", "--zk-auth", "me:right"];
    let ended = world.run(&right).await;
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(0), "h1\n"),
        "{}",
        ended.stderr
    );

    owner.close().await;
    world.end().await;
}
