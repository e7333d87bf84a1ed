//! `dockeeper config` where several change the same at the same time.

use crate::{following::Following, world::World};
use dockeeper_config::{
    rollout::everyone,
    store::{Beginning, Edit, Publication, Store},
};
use dockeeper_model::{
    config::{Ack, AppName, Applied, Step},
    encode, layout,
};
use std::fs;

fn app() -> AppName {
    "web".parse().unwrap()
}

/// Says, as the agent of a host does, how far its one container is with a release.
async fn report(world: &World, node: &str, target: u64, step: Step) {
    let ack = Ack {
        name: "web-1".to_owned(),
        running: Some(target),
        digest: None,
        target,
        step,
        reason: String::new(),
        since_ms: 1,
    };
    let applied = Applied {
        containers: [("0123456789ab".parse().unwrap(), ack)].into(),
    };
    let path = layout::applied_by(&app(), &node.parse().unwrap());
    world.put(&path, encode(&applied)).await;
}

async fn done(world: &World, arguments: &[&str]) -> String {
    let ended = world.run(arguments).await;
    assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    ended.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_followed_until_the_containers_run_it() {
    let world = World::start().await;
    done(&world, &["config", "set", "web", "A=1"]).await;
    report(&world, "h1", 1, Step::Healthy).await;
    let mut watch = Following::start(&world, &["config", "watch", "web"]);
    watch.error("watching web").await;
    let set = ["config", "set", "web", "A=2", "--wait"];
    let mut wait = Following::start(&world, &set);
    wait.error("stage 1 of 3").await;
    assert!(watch.change().await.starts_with("release 2 by "));
    assert!(
        watch
            .change()
            .await
            .starts_with("rollout of release 2 rolling: stage 1 of 3")
    );
    report(&world, "h1", 2, Step::Acted).await;
    assert_eq!(watch.change().await, "h1/web-1 acted with release 2");

    // As the controller does when the release has failed.
    let store = Store::new(&world.client);
    let publication = Publication {
        edit: Edit::AutoRollBack(1),
        by: "h1".to_owned(),
        message: "1 failed with release 2".to_owned(),
        now_ms: 1,
        expect: None,
    };
    let begin = |beginning: &Beginning<'_>| {
        everyone(beginning.before, beginning.release.release, "back", 1)
    };
    store.publish(&app(), &publication, begin).await.unwrap();
    wait.error("release 2 was taken back; release 3 has the content of release 1 again")
        .await;
    assert_eq!(wait.code().await, Some(10));
    assert_eq!(
        watch.change().await,
        "release 3 by h1: 1 failed with release 2"
    );
    assert_eq!(watch.change().await, "rollout of release 3 done: back");
    watch.interrupt().await;

    let wait = Following::start(&world, &["config", "rollback", "web", "2", "--wait"]);
    report(&world, "h1", 4, Step::Healthy).await;
    assert_eq!(wait.code().await, Some(0));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_directory_is_released_below_a_new_chroot() {
    let world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("from");
    fs::create_dir(&from).unwrap();
    for file in 0..3_u32 {
        // What cannot be compressed, and is longer than a request may be.
        let content = (0..500_000_u32).map(|n| (n.wrapping_mul(n ^ file) >> 7).to_le_bytes());
        fs::write(
            from.join(file.to_string()),
            content.collect::<Vec<_>>().concat(),
        )
        .unwrap();
    }
    let address = format!("{}/new/place", world.address);
    let (from, to) = (from.to_str().unwrap(), folder.path().join("to"));
    let applied = world
        .run_at(&address, &["config", "apply", "web", from])
        .await;
    assert_eq!(applied.code, Some(0), "{}", applied.stderr);
    let export = ["config", "export", "web", to.to_str().unwrap()];
    let exported = world.run_at(&address, &export).await;
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    for file in ["0", "1", "2"] {
        let read = |folder: &std::path::Path| fs::read(folder.join(file)).unwrap();
        assert_eq!(read(from.as_ref()), read(&to));
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_changes_at_once_is_made() {
    let world = World::start().await;
    let arguments: Vec<_> = (0..8).map(|n| format!("K{n}={n}")).collect();
    let sets = arguments.iter().map(|value| {
        let world = &world;
        async move { done(world, &["config", "set", "web", value]).await }
    });
    futures_util::future::join_all(sets).await;
    let history = done(&world, &["config", "history", "web", "-o", "name"]).await;
    assert_eq!(history, "8\n7\n6\n5\n4\n3\n2\n1\n");
    let values = done(&world, &["config", "get", "web"]).await;
    for value in &arguments {
        assert!(values.contains(value), "{values}");
    }
    world.end().await;
}
