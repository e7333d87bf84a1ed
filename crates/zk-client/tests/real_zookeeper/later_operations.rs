//! The operations that came with versions 3.5 to 3.7.

use crate::{
    clients::connect,
    zk::{Zk, code, until},
};
use dockeeper_testbed::Testbed;
use dockeeper_zk_client::{
    Acl, AddWatchMode, Client, CreateMode, CreateOptions, ErrorCode, ErrorKind, Multi, MultiRead,
    MultiResult, ReadResult, Reconfig, WatcherType, error::NotSent,
};
use std::time::Duration;

const PERSISTENT: CreateMode = CreateMode::Persistent;

#[tokio::test(flavor = "multi_thread")]
async fn every_later_operation_and_its_errors() {
    // The server looks for znodes whose time is over every minute otherwise.
    let builder = Testbed::builder().hosts(0).zookeepers(1);
    let builder = builder
        .java_flag("-Dznode.container.checkIntervalMs=500")
        .keeper_flag("--reap-interval=500ms");
    let zk = Zk {
        testbed: builder.start().await.unwrap(),
    };
    let client = zk.client().await;
    ttls(&client).await;
    options_in_a_multi(&client).await;
    multi_reads(&client).await;
    counts(&client).await;
    identities(&zk, &client).await;
    watches(&client).await;
    reconfigurations(&client).await;
    client.close().await;
    zk.stop().await;
}

async fn ttls(client: &Client) {
    let without = client.create("/ttl", "", CreateMode::PersistentWithTtl);
    let error = without.await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::NotSent(NotSent::Ttl));

    let short = CreateOptions::with_ttl(Duration::from_millis(300));
    let created = client.create_with("/ttl", "x", short).await.unwrap();
    assert_eq!((created.path.as_str(), created.stat.data_len), ("/ttl", 1));
    // Nothing of the metadata tells that it will end.
    assert_eq!(created.stat.ephemeral_owner, 0);
    until("its time is over", async || {
        match client.exists("/ttl").await.unwrap() {
            None => Ok(()),
            Some(stat) => Err(format!("{stat:?}")),
        }
    })
    .await;

    let sequential = CreateOptions {
        mode: CreateMode::PersistentSequentialWithTtl,
        ..CreateOptions::with_ttl(Duration::from_secs(3600)).with_acl(Acl::read_only())
    };
    client.create("/ttls", "", PERSISTENT).await.unwrap();
    let created = client
        .create_with("/ttls/n-", "", sequential)
        .await
        .unwrap();
    assert_eq!(created.path, "/ttls/n-0000000000");
    let (acl, _) = client.get_acl(&created.path).await.unwrap();
    assert_eq!(acl, Acl::read_only());
}

async fn options_in_a_multi(client: &Client) {
    let ttl = CreateOptions::with_ttl(Duration::from_secs(3600));
    let multi = Multi::new()
        .create("/multi", "", PERSISTENT)
        .create_with("/multi/ttl", "x", ttl)
        .create("/multi/c", "", CreateMode::Container)
        .create_with(
            "/multi/a",
            "",
            CreateOptions::new(PERSISTENT).with_acl(Acl::read_only()),
        );
    let results = client.multi(multi).await.unwrap();
    let has_stat = |result: &MultiResult| match result {
        MultiResult::Created { stat, .. } => stat.is_some(),
        other => panic!("{other:?}"),
    };
    let stats: Vec<_> = results.iter().map(has_stat).collect();
    assert_eq!(stats, [false, true, true, false]);
    assert_eq!(client.get("/multi/ttl").await.unwrap().0, "x");
    assert_eq!(
        client.get_acl("/multi/a").await.unwrap().0,
        Acl::read_only()
    );

    let empty = CreateOptions::new(PERSISTENT).with_acl(Vec::new());
    let refused = client
        .multi(Multi::new().create_with("/multi/e", "", empty))
        .await;
    assert_eq!(code(refused), ErrorCode::InvalidAcl);
    let without = Multi::new().create("/multi/t", "", CreateMode::PersistentWithTtl);
    let error = client.multi(without).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::NotSent(NotSent::Ttl));
}

async fn multi_reads(client: &Client) {
    client.create("/reads", "x", PERSISTENT).await.unwrap();
    client.create("/reads/a", "", PERSISTENT).await.unwrap();
    let reads = MultiRead::new()
        .get("/reads")
        .list("/none")
        .list("/reads")
        .get("/reads/a");
    let results = client.multi_read(reads).await.unwrap();
    let [
        Ok(ReadResult::Data(data, stat)),
        Err(error),
        Ok(ReadResult::Children(names)),
        last,
    ] = results.as_slice()
    else {
        panic!("{results:?}");
    };
    assert_eq!((data.as_ref(), stat.num_children), (&b"x"[..], 1));
    assert_eq!(
        (error.path(), error.code()),
        ("/none", Some(ErrorCode::NoNode))
    );
    assert_eq!(names.as_slice(), ["a"]);
    assert!(
        matches!(last, Ok(ReadResult::Data(data, _)) if data.is_empty()),
        "{last:?}"
    );
    assert!(
        client
            .multi_read(MultiRead::new())
            .await
            .unwrap()
            .is_empty()
    );
    let invalid = client
        .multi_read(MultiRead::new().get("a"))
        .await
        .unwrap_err();
    assert!(
        matches!(invalid.kind(), ErrorKind::NotSent(NotSent::Path(_))),
        "{invalid}"
    );
}

async fn counts(client: &Client) {
    client.create_all("/count/a/b/c", PERSISTENT).await.unwrap();
    client.create_all("/counted", PERSISTENT).await.unwrap();
    assert_eq!(client.count_descendants("/count").await.unwrap(), 3);
    assert_eq!(client.count_descendants("/count/a/b/c").await.unwrap(), 0);
    let none = client.count_descendants("/none").await;
    assert_eq!(code(none), ErrorCode::NoNode);
    assert!(client.count_descendants("/").await.unwrap() > 5);
}

async fn identities(zk: &Zk, client: &Client) {
    let schemes = |ids: &[dockeeper_zk_client::Id]| {
        let ids = ids.iter().map(|id| (id.scheme.clone(), id.id.clone()));
        ids.collect::<Vec<_>>()
    };
    let nobody = schemes(&client.who_am_i().await.unwrap());
    assert_eq!(nobody.len(), 1, "{nobody:?}");
    assert_eq!(nobody[0].0, "ip");
    let own = connect(zk.config().with_digest("me:secret")).await;
    let ids = schemes(&own.who_am_i().await.unwrap());
    assert!(
        ids.contains(&("digest".to_owned(), "me".to_owned())),
        "{ids:?}"
    );
    own.close().await;
}

async fn watches(client: &Client) {
    client.create("/watched", "", PERSISTENT).await.unwrap();
    let has = async |kind| client.check_watches("/watched", kind).await.unwrap();
    assert!(!has(WatcherType::Any).await);
    let (_, _, one_shot) = client.get_and_watch("/watched").await.unwrap();
    assert!(has(WatcherType::Data).await);
    assert!(has(WatcherType::Any).await);
    assert!(!has(WatcherType::Children).await);
    drop(one_shot);
    let persistent = client
        .watch("/watched", AddWatchMode::Persistent)
        .await
        .unwrap();
    assert!(has(WatcherType::Any).await);
    drop(persistent);
    until("the watch is gone", async || {
        let is_there = client
            .check_watches("/watched", WatcherType::Any)
            .await
            .unwrap();
        if is_there {
            Err("it is there".to_owned())
        } else {
            Ok(())
        }
    })
    .await;
}

async fn reconfigurations(client: &Client) {
    let (config, _) = client.ensemble_config().await.unwrap();
    assert!(config.is_empty(), "{config:?}");
    let change = Reconfig {
        joining: vec!["server.9=zk9:2888:3888;2181".to_owned()],
        ..Reconfig::default()
    };
    // A lone server has nothing to reconfigure.
    assert!(client.reconfig(&change).await.unwrap_err().code().is_some());
}
