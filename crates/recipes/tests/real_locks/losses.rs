//! Connections break, sessions end, and somebody deletes what is not theirs.

use crate::{
    clients::{LIMIT, SESSION, SHORT, ended},
    world::{World, is_sure, is_suspended, lost, named, outcome},
};
use dockeeper_recipes::{Error, Held, Lost, Naming, Options, Standing, mutex};
use dockeeper_testbed::wait::soon;
use dockeeper_zk_client::{Client, Ended, State};
use fastrand::Rng;
use std::time::Duration;
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

const LOCK: &str = "/locks/lost";

fn contend(client: &Client) -> JoinHandle<Result<Held, Error>> {
    let client = client.clone();
    tokio::spawn(async move { mutex::acquire(&client, LOCK, &Options::default()).await })
}

async fn acquire(client: &Client) -> Held {
    outcome("the lock", contend(client)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_outlives_its_connection() {
    let world = World::start().await;
    let (proxy, client) = world.proxied(SESSION).await;
    let held = acquire(&client).await;
    for _ in 0..3 {
        proxy.block();
        is_suspended(&held).await;
        proxy.unblock();
        is_sure(&held).await;
    }
    let waiting = contend(&world.client().await);
    world.has_children(LOCK, 2).await;
    proxy.sever();
    held.release().await.unwrap();
    outcome("the next one's turn", waiting).await.unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiter_outlives_its_connection() {
    let world = World::start().await;
    let (proxy, client) = world.proxied(SESSION).await;
    let held = acquire(&world.client().await).await;
    let waiting = contend(&client);
    world.has_children(LOCK, 2).await;
    proxy.block();
    let mut state = client.state();
    let lost = state.wait_for(|state| matches!(state, State::Connecting { .. }));
    drop(soon("the connection's loss", lost).await.unwrap());
    // Released while the waiter cannot hear of it.
    held.release().await.unwrap();
    proxy.unblock();
    outcome("the waiter's turn", waiting).await.unwrap();
    world.stop().await;
}

/// The connection breaks while the creation is on its way, so that nobody knows if there is a
/// znode: there is one in the end, and it is this session's.
#[tokio::test(flavor = "multi_thread")]
async fn a_creation_of_unknown_outcome_is_looked_for() {
    const ROUNDS: usize = 150;
    let world = World::start().await;
    let (proxy, client) = world.proxied(SESSION).await;
    let mut rng = Rng::with_seed(11);
    for naming in [Naming::Curator, Naming::Kazoo] {
        let options = named(naming);
        for _ in 0..ROUNDS {
            let cut = async {
                sleep(Duration::from_micros(rng.u64(0..3000))).await;
                proxy.sever();
            };
            let acquiring = mutex::acquire(&client, LOCK, &options);
            let (held, ()) = tokio::join!(soon("the lock", acquiring), cut);
            let held = held.unwrap();
            world.shows(&held).await;
            held.release().await.unwrap();
            assert_eq!(world.children(LOCK).await, [""; 0]);
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_knows_before_its_session_expires() {
    let world = World::start().await;
    let (proxy, client) = world.proxied(SHORT).await;
    let held = acquire(&client).await;
    proxy.block();
    assert_eq!(lost(&held).await, Lost::LeaseOver);
    let there = world.observer.exists(held.node()).await.unwrap();
    assert!(there.is_some(), "the server has given it away before");

    // It stays lost, although the session may live.
    proxy.unblock();
    let mut standing = held.standing();
    standing.mark_unchanged();
    let changed = timeout(SHORT, standing.changed()).await;
    assert!(changed.is_err(), "{:?}", standing.borrow());
    drop(held);
    world.has_children(LOCK, 0).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_expires_ends_the_waiting() {
    let world = World::start().await;
    let (proxy, client) = world.proxied(SHORT).await;
    let held = acquire(&world.client().await).await;
    let waiting = contend(&client);
    world.has_children(LOCK, 2).await;
    proxy.block();
    world.has_children(LOCK, 1).await;
    proxy.unblock();
    assert_eq!(ended(&client).await, Ended::Expired);
    let over = Error::SessionOver {
        path: LOCK.to_owned(),
        ended: Ended::Expired,
    };
    assert_eq!(outcome("the refusal", waiting).await.unwrap_err(), over);
    assert_eq!(
        mutex::acquire(&client, LOCK, &Options::default())
            .await
            .unwrap_err(),
        over
    );
    held.release().await.unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_closed_ends_the_holding() {
    let world = World::start().await;
    let client = world.client().await;
    let held = acquire(&client).await;
    let waiting = contend(&world.client().await);
    world.has_children(LOCK, 2).await;
    client.close().await;
    assert_eq!(lost(&held).await, Lost::SessionOver(Ended::Closed));
    outcome("the next one's turn", waiting).await.unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_znode_is_noticed() {
    let world = World::start().await;
    let client = world.client().await;
    let held = acquire(&client).await;
    // A change of its data is none of the holder's business.
    world.observer.set(held.node(), "note", None).await.unwrap();
    let second = contend(&client);
    world.has_children(LOCK, 2).await;
    let third = contend(&client);
    world.has_children(LOCK, 3).await;
    let names = world.children(LOCK).await;
    let broken = format!("{LOCK}/{}", names[1]);
    world.observer.delete(&broken, None).await.unwrap();
    assert!(matches!(*held.standing().borrow(), Standing::Sure { .. }));

    world.observer.delete(held.node(), None).await.unwrap();
    assert_eq!(lost(&held).await, Lost::Removed);
    let removed = outcome("the second's refusal", second).await.unwrap_err();
    assert_eq!(removed, Error::Removed { node: broken });
    let third = outcome("the third's turn", third).await.unwrap();
    held.release().await.unwrap();
    assert!(matches!(*third.standing().borrow(), Standing::Sure { .. }));
    world.stop().await;
}

/// The lease moves on for as long as the server answers, and no further.
#[tokio::test(flavor = "multi_thread")]
async fn a_holder_is_sure_for_as_long_as_the_server_answers() {
    let world = World::start().await;
    let (proxy, client) = world.proxied(SHORT).await;
    let held = acquire(&client).await;
    let mut standing = held.standing();
    let began = standing.borrow_and_update().until().unwrap();
    // Several time-outs of the session.
    let later = standing.wait_for(|s| s.until().is_none_or(|until| until > began + SHORT * 3));
    let later = *soon("a later end", later).await.unwrap();
    assert!(matches!(later, Standing::Sure { .. }), "{later:?}");
    proxy.block();
    let until = soon("the end", async {
        let mut until = later.until().unwrap();
        while let Some(next) = { standing.borrow_and_update().until() } {
            until = next;
            standing.changed().await.unwrap();
        }
        until
    })
    .await;
    let late = client.clock().now() - until;
    assert!(late < LIMIT, "{late:?}");
    assert!(client.clock().now() >= until);
    world.stop().await;
}
