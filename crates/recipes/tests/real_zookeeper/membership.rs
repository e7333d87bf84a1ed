//! Group membership.

use crate::{LIMIT, SHORT, becomes_empty, start, through};
use dockeeper_recipes::{Group, Tree, membership::Error, tree::Stopped};
use dockeeper_testbed::wait::{self, soon};
use dockeeper_zk_client::{Client, CreateMode, State};
use std::time::Duration;
use tokio::{task::JoinHandle, time::timeout};

const GROUP: &str = "/groups/workers";

fn follow(tree: &Tree, client: &Client) -> JoinHandle<Stopped> {
    let (tree, client) = (tree.clone(), client.clone());
    tokio::spawn(async move { tree.run(&client).await })
}

async fn becomes(group: &Group, tree: &Tree, expected: &[(&str, &str)]) {
    wait::until("the members", LIMIT, async || {
        let found = group.members(tree).map_err(|error| error.to_string())?;
        let names = found.iter().map(|(name, data)| (name.as_str(), &data[..]));
        if names.eq(expected.iter().map(|(name, data)| (*name, data.as_bytes()))) {
            return Ok(());
        }
        Err(format!("{found:?}"))
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_stays_through_lost_connections_and_goes_with_its_session() {
    let (testbed, proxy, direct) = start().await;
    let group = Group::new(GROUP);
    let tree = group.tree();
    let following = follow(&tree, &direct);
    let own = group.join(&direct, "near", "1").await.unwrap();

    let client = Client::connect(through(&proxy, SHORT));
    let member = group.join(&client, "far", "a").await.unwrap();
    becomes(&group, &tree, &[("far", "a"), ("near", "1")]).await;
    let (_, _, changed) = direct.get_and_watch(member.path()).await.unwrap();
    for _ in 0..5 {
        proxy.sever();
        client.sync("/").await.ok();
    }
    member.set("b").await.unwrap();
    let event = soon("the change", changed.fired()).await.unwrap();
    assert_eq!(event.kind, dockeeper_zk_client::EventKind::DataChanged);
    becomes(&group, &tree, &[("far", "b"), ("near", "1")]).await;

    // The session ends behind a lost connection; its owner joins again with the next one.
    proxy.block();
    becomes(&group, &tree, &[("near", "1")]).await;
    proxy.unblock();
    let gone = soon("the news", member.gone()).await;
    let Error::ZooKeeper(error) = gone else {
        panic!("{gone}");
    };
    assert!(error.is_session_over(), "{error}");
    let next = Client::connect(through(&proxy, SHORT * 8));
    let again = group.join(&next, "far", "c").await.unwrap();
    becomes(&group, &tree, &[("far", "c"), ("near", "1")]).await;
    // What is left of the first does not touch the second.
    drop(member);
    again.leave().await.unwrap();
    becomes(&group, &tree, &[("near", "1")]).await;
    drop(own);
    becomes_empty(&direct, GROUP).await;
    following.abort();
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_one_sessions_at_a_time() {
    let (testbed, proxy, direct) = start().await;
    let group = Group::new(GROUP);
    let first = group.join(&direct, "same", "1").await.unwrap();
    let client = Client::connect(through(&proxy, SHORT * 8));
    let early = timeout(Duration::from_millis(200), group.join(&client, "same", "2"));
    assert!(early.await.is_err(), "it is taken");
    assert_eq!(direct.get(first.path()).await.unwrap().0, "1");

    let path = first.path().to_owned();
    let joining = tokio::spawn({
        let (group, client) = (group.clone(), client.clone());
        async move { group.join(&client, "same", "2").await }
    });
    first.leave().await.unwrap();
    let second = soon("its turn", joining).await.unwrap().unwrap();
    assert_eq!(direct.get(&path).await.unwrap().0, "2");

    // A session may be resumed by the next process, which joins again.
    let third = group.join(&client, "same", "3").await.unwrap();
    assert_eq!(direct.get(&path).await.unwrap().0, "3");
    direct.delete(&path, None).await.unwrap();
    let gone = soon("the news", third.gone()).await;
    assert_eq!(gone, Error::Gone(path.clone()));
    assert_eq!(second.set("4").await, Err(Error::Gone(path)));
    assert!(matches!(*client.state().borrow(), State::Connected(_)));
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_member_is_refused() {
    let (testbed, _proxy, direct) = start().await;
    let path = format!("{GROUP}/config");
    let mode = CreateMode::Persistent;
    direct.create_all(&path, mode).await.unwrap();
    let group = Group::new(GROUP);
    let refused = soon("the refusal", group.join(&direct, "config", "")).await;
    assert_eq!(refused.unwrap_err(), Error::Foreign(path.clone()));
    let tree = group.tree();
    let following = follow(&tree, &direct);
    soon("the mirror", tree.current()).await;
    assert_eq!(group.members(&tree), Err(Error::Foreign(path.clone())));
    assert!(direct.exists(&path).await.unwrap().is_some());
    following.abort();
    testbed.shutdown().await.unwrap();
}
