//! The recipes against Apache ZooKeeper, while their connections are cut and their sessions expire.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod barriers;
mod counter;
mod ensemble;
mod membership;
mod queue;
mod writer;

use dockeeper_recipes::{Tree, tree::Stopped};
use dockeeper_testbed::{
    Endpoint, Proxy, Testbed,
    wait::{self, soon},
};
use dockeeper_zk_client::{Acl, Client, Config, CreateMode, ErrorCode, State, path};
use fastrand::Rng;
use std::{collections::BTreeMap, future::Future, time::Duration};
use tokio::time::{sleep, timeout};
use writer::Writer;

pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// The shortest session that the testbed's servers grant.
pub(crate) const SHORT: Duration = Duration::from_secs(1);

const ROOT: &str = "/mirrored";

pub(crate) async fn start() -> (Testbed, Proxy, Client) {
    let builder = Testbed::builder().hosts(0).zookeepers(1);
    let testbed = builder.start().await.unwrap();
    let server = testbed.zookeeper().server(0).address();
    let proxy = testbed.proxy(Endpoint::Tcp(server)).await.unwrap();
    let direct = Client::connect(Config::new(server.to_string().parse().unwrap()));
    direct.connected(LIMIT).await.unwrap();
    (testbed, proxy, direct)
}

pub(crate) fn through(proxy: &Proxy, session_timeout: Duration) -> Config {
    Config {
        session_timeout,
        ..Config::new(proxy.endpoint().to_string().parse().unwrap())
    }
}

/// Cuts the connections through a proxy again and again until the work is done. That has a limit of
/// its own: on a busy machine, much of the time goes into connecting.
pub(crate) async fn while_cut<T>(proxy: &Proxy, seed: u64, work: impl Future<Output = T>) -> T {
    let cuts = async {
        let mut rng = Rng::with_seed(seed);
        loop {
            sleep(Duration::from_millis(rng.u64(20..120))).await;
            proxy.sever();
        }
    };
    tokio::select! {
        done = timeout(LIMIT * 3, work) => done.expect("the work is done through lost connections"),
        () = cuts => unreachable!("it goes on until the work is done"),
    }
}

/// Waits until a znode has no children: what is dropped is cleaned up in the background.
pub(crate) async fn becomes_empty(client: &Client, path: &str) {
    wait::until("no child", LIMIT, async || match client.list(path).await {
        Ok((names, _)) if names.is_empty() => Ok(()),
        Err(error) if error.is(ErrorCode::NoNode) => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await
    .unwrap();
}

/// What is there: data, version and last change of each znode.
type Content = BTreeMap<String, (String, i32, i64)>;

fn mirrored(tree: &Tree) -> Content {
    tree.read(|nodes| {
        let content = nodes.iter().map(|(path, node)| {
            let data = String::from_utf8(node.data.to_vec()).unwrap();
            (path.clone(), (data, node.stat.version, node.stat.mzxid))
        });
        content.collect()
    })
}

async fn fresh(client: &Client) -> Content {
    let mut content = Content::new();
    let mut left = vec![ROOT.to_owned()];
    while let Some(path) = left.pop() {
        match client.get(&path).await {
            Ok((data, stat)) => {
                let data = String::from_utf8(data.to_vec()).unwrap();
                content.insert(path.clone(), (data, stat.version, stat.mzxid));
            }
            Err(error) if error.is(ErrorCode::NoNode) => continue,
            Err(error) => panic!("{error}"),
        }
        let (names, _) = client.list(&path).await.unwrap();
        left.extend(names.iter().map(|name| path::join(&path, name)));
    }
    content
}

async fn becomes_equal(tree: &Tree, client: &Client) {
    let expected = fresh(client).await;
    wait::until("an equal mirror", LIMIT, async || {
        let found = mirrored(tree);
        if found == expected && tree.changes().borrow().is_current {
            return Ok(());
        }
        let differing = expected
            .iter()
            .find(|(path, node)| found.get(*path) != Some(node));
        let surplus = found.keys().find(|path| !expected.contains_key(*path));
        Err(format!(
            "{:?} {differing:?} {surplus:?}",
            tree.changes().borrow()
        ))
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_follows_thousands_of_changes_through_lost_connections() {
    let (testbed, proxy, direct) = start().await;
    let tree = Tree::new(ROOT);
    let client = Client::connect(through(&proxy, SHORT * 8));
    let follow = tokio::spawn({
        let (tree, client) = (tree.clone(), client.clone());
        async move { tree.run(&client).await }
    });
    let mut writer = Writer::new(direct.clone(), ROOT, 1);
    for round in 0..4 {
        let cuts = async {
            let mut rng = Rng::with_seed(round);
            for _ in 0..30 {
                sleep(Duration::from_millis(rng.u64(1..50))).await;
                proxy.sever();
            }
        };
        let ((), ()) = tokio::join!(writer.write(2500), cuts);
        becomes_equal(&tree, &direct).await;
    }
    assert!(!mirrored(&tree).is_empty());
    client.close().await;
    assert_eq!(soon("the end", follow).await.unwrap(), Stopped::SessionOver);
    assert!(!tree.changes().borrow().is_current);
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_outlives_its_session() {
    let (testbed, proxy, direct) = start().await;
    let tree = Tree::new(ROOT);
    let mut writer = Writer::new(direct.clone(), ROOT, 2);
    let mut last = Content::new();
    for round in 0..4 {
        assert_eq!(mirrored(&tree), last, "what was read last stays");
        assert!(!tree.changes().borrow().is_current, "nobody follows");
        let client = Client::connect(through(&proxy, SHORT));
        let follow = tokio::spawn({
            let (tree, client) = (tree.clone(), client.clone());
            async move { tree.run(&client).await }
        });
        writer.write(300).await;
        becomes_equal(&tree, &direct).await;

        let mode = CreateMode::Ephemeral;
        client.create("/alive", "", mode).await.unwrap();
        let (alive, gone) = direct.exists_and_watch("/alive").await.unwrap();
        assert!(alive.is_some());

        // Most of the time the session ends while reads are on their way.
        let (expired, ()) = tokio::join!(
            async {
                let mut state = client.state();
                let lost = state.wait_for(|state| matches!(state, State::Connecting { .. }));
                proxy.block();
                drop(soon("the connection's loss", lost).await);
                let mut version = tree.changes();
                let stale = version.wait_for(|version| !version.is_current);
                drop(soon("a stale mirror", stale).await);
                soon("the expiry", gone.fired()).await.unwrap();
                proxy.unblock();
                soon("the session's end", follow).await.unwrap()
            },
            writer.write(300 + round * 100)
        );
        assert_eq!(expired, Stopped::SessionOver);
        last = mirrored(&tree);
    }
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_may_be_cancelled_and_begun_again() {
    let (testbed, proxy, direct) = start().await;
    let tree = Tree::new(ROOT);
    let mut writer = Writer::new(direct.clone(), ROOT, 3);
    writer.write(500).await;
    let client = Client::connect(through(&proxy, SHORT * 8));
    client.connected(LIMIT).await.unwrap();
    for millis in [1, 3, 5, 10, 20, 40, 80] {
        // At any time: while it reads, too.
        drop(timeout(Duration::from_millis(millis), tree.run(&client)).await);
        assert!(!tree.changes().borrow().is_current);
        writer.write(50).await;
    }
    let follow = async { panic!("{:?}", tree.run(&client).await) };
    tokio::select! {
        () = becomes_equal(&tree, &direct) => {}
        () = follow => {}
    }
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_read_is_named_and_a_bad_root_is_refused() {
    let (testbed, proxy, direct) = start().await;
    let mode = CreateMode::Persistent;
    direct.create(ROOT, "", mode).await.unwrap();
    let hidden = vec![Acl::new(dockeeper_zk_client::perms::ALL, "digest", "x:y")];
    let path = format!("{ROOT}/hidden");
    direct
        .create_with_acl(&path, "", mode, hidden)
        .await
        .unwrap();
    let client = Client::connect(through(&proxy, SHORT * 8));
    let tree = Tree::new(ROOT);
    tokio::select! {
        () = soon("a current mirror", tree.current()) => {}
        stopped = tree.run(&client) => panic!("{stopped:?}"),
    }
    assert_eq!(mirrored(&tree).len(), 1);
    assert_eq!(tree.hidden(), [path]);
    let bad = Tree::new("no/path");
    let stopped = soon("the refusal", bad.run(&client)).await;
    assert!(matches!(stopped, Stopped::Refused(_)), "{stopped:?}");
    testbed.shutdown().await.unwrap();
}
