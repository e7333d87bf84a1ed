//! What a server refuses says why.

use crate::world::World;
use dockeeper_zk_client::{Client, Config, CreateMode};

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_write_says_why_and_where() {
    let world = World::start().await;
    acl(&world).await;
    quota(&world).await;
    missing_chroot(&world).await;
    world.end().await;
}

async fn acl(world: &World) {
    let create = ["zk", "create", "/mine", "--acl", "auth::cdrwa"];
    let ended = world.run(&create).await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let begin = format!("error: ZooKeeper at {}: create /mine:", world.address);
    assert!(ended.stderr.starts_with(&begin), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("needs credentials"),
        "{}",
        ended.stderr
    );
}

/// A quota as ZooKeeper's own tools set it.
async fn quota(world: &World) {
    let root = Client::connect(Config::new(world.address.parse().unwrap()));
    let persistent = CreateMode::Persistent;
    root.create("/small", "", persistent).await.unwrap();
    let quota = "/zookeeper/quota/small";
    root.create(quota, "", persistent).await.unwrap();
    for (name, data) in [
        ("zookeeper_limits", "count=-1,bytes=-1=;countHardLimit=1"),
        ("zookeeper_stats", "count=1,bytes=0"),
    ] {
        let path = format!("{quota}/{name}");
        root.create(&path, data, persistent).await.unwrap();
    }
    root.close().await;
    let ended = world.run(&["zk", "create", "/small/more"]).await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let begin = format!("error: ZooKeeper at {}: create /small/more:", world.address);
    assert!(ended.stderr.starts_with(&begin), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("`dockeeper zk ls -R /zookeeper/quota`"),
        "{}",
        ended.stderr
    );
}

/// What asks for parents gets the chroot too; what does not is told that it is missing.
async fn missing_chroot(world: &World) {
    let address = format!("{}/new/home", world.address);
    let orphan = world.run_at(&address, &["zk", "create", "/a"]).await;
    assert_eq!(orphan.code, Some(3), "{}", orphan.stderr);
    let told = "cannot create /new/home/a: there is no /new/home; --parents makes it too";
    assert!(orphan.stderr.contains(told), "{}", orphan.stderr);

    let create = ["zk", "create", "--parents", "/a/b", "x"];
    let created = world.run_at(&address, &create).await;
    assert_eq!(created.code, Some(0), "{}", created.stderr);
    assert_eq!(created.stdout, "/a/b\n");
    let got = world.run(&["zk", "get", "/new/home/a/b"]).await;
    assert_eq!(got.stdout, "x");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_tree_is_not_quite_empty() {
    let world = World::start().await;
    let removed = world.run(&["zk", "rm", "/dockeeper"]).await;
    assert_eq!(removed.code, Some(0), "{}", removed.stderr);
    let ended = world.run(&["zk", "ls", "-R", "/"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
    let told = "/ has no children but ZooKeeper's own /zookeeper, which -R lists only when it is \
                asked for\n";
    assert_eq!(ended.stderr, told);
    world.end().await;
}
