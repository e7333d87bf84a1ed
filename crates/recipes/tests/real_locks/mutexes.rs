//! The order of those who wait, and what a hand-over costs.

use crate::{
    clients::LIMIT,
    world::{World, named, outcome},
};
use dockeeper_recipes::{Error, Held, Naming, Options, contenders, line::Line, mutex};
use dockeeper_testbed::wait::{self, soon};
use dockeeper_zk_client::{Client, CreateMode, ErrorCode, Multi, OneShot, path};
use fastrand::Rng;
use std::time::Duration;
use tokio::{task::JoinHandle, time::sleep};

const LOCK: &str = "/locks/one";

fn contend(client: &Client, options: &Options) -> JoinHandle<Result<Held, Error>> {
    let (client, options) = (client.clone(), options.clone());
    tokio::spawn(async move { mutex::acquire(&client, LOCK, &options).await })
}

/// Contenders of a session each, who came in their order.
async fn line(
    world: &World,
    count: usize,
    options: &Options,
) -> Vec<JoinHandle<Result<Held, Error>>> {
    let before = world.children(LOCK).await.len();
    let mut waiting = Vec::new();
    for place in 1..=count {
        waiting.push(contend(&world.client().await, options));
        world.has_children(LOCK, before + place).await;
    }
    waiting
}

#[tokio::test(flavor = "multi_thread")]
async fn waiters_are_served_in_their_order_and_their_tokens_go_up() {
    let world = World::start().await;
    for naming in [Naming::Curator, Naming::Kazoo] {
        let options = Options {
            data: "who".into(),
            ..named(naming)
        };
        let client = world.client().await;
        let mut held = mutex::acquire(&client, LOCK, &options).await.unwrap();
        let names = world.children(LOCK).await;
        assert_eq!(held.node(), format!("{LOCK}/{}", names[0]));
        assert_eq!(
            (held.path(), held.session()),
            (LOCK, client.session().unwrap().id)
        );
        let waiting = line(&world, 5, &options).await;
        let found = contenders(&world.observer, LOCK, &[Line::mutex(naming)])
            .await
            .unwrap();
        let nodes = world
            .children(LOCK)
            .await
            .into_iter()
            .map(|name| path::join(LOCK, &name));
        assert!(nodes.eq(found.iter().map(|contender| contender.node.clone())));
        assert!(found.iter().skip(1).all(|contender| !contender.is_holder));
        assert!(found[0].is_holder && found[0].data == "who");
        for next in waiting {
            assert!(!next.is_finished());
            let (token, names) = (held.token(), world.children(LOCK).await);
            held.release().await.unwrap();
            held = outcome("the next one's turn", next).await.unwrap();
            assert!(held.token() > token);
            assert_eq!(held.node(), format!("{LOCK}/{}", names[1]));
            world.shows(&held).await;
        }
        held.release().await.unwrap();
        assert_eq!(world.children(LOCK).await, [""; 0]);
    }
    world.stop().await;
}

/// Each waiter watches one znode, and a release wakes one of them: of all the others the server
/// hears nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_release_wakes_one_waiter() {
    const WAITERS: usize = 20;
    let world = World::start().await;
    let client = world.client().await;
    let held = mutex::acquire(&client, LOCK, &Options::default())
        .await
        .unwrap();
    let mut waiting = line(&world, WAITERS, &Options::default()).await;
    let watches = async |expected| {
        wait::until("watches", LIMIT, async || {
            match world.figure("zk_watch_count").await {
                count if count == expected => Ok(()),
                count => Err(format!("{count} watches")),
            }
        })
        .await
        .unwrap();
    };
    // Of each waiter on its predecessor, on the sign that this gives, and on its own znode; of the
    // holder on its own.
    let figure = |waiters: usize| 3 * waiters as u64 + 1;
    watches(figure(WAITERS)).await;
    let names = world.children(LOCK).await;
    let pairs: Vec<_> = names
        .windows(2)
        .map(|pair| format!("{LOCK}/{}", pair[0]))
        .collect();
    let server = world.testbed.zookeeper().server(0);
    let watched = server.ask("wchp").await.unwrap();
    for before in pairs {
        assert!(watched.contains(&before), "{before} in {watched}");
    }

    held.release().await.unwrap();
    let next = outcome("the next one's turn", waiting.remove(0))
        .await
        .unwrap();
    watches(figure(WAITERS - 1)).await;
    assert!(waiting.iter().all(|contender| !contender.is_finished()));

    // One in the middle goes without a holder's knowledge: the one behind it moves up.
    let second = waiting.remove(0);
    second.abort();
    world.has_children(LOCK, WAITERS - 1).await;
    watches(figure(WAITERS - 2)).await;
    let third = waiting.remove(0);
    assert!(!third.is_finished());
    next.release().await.unwrap();
    outcome("the turn of the one behind", third).await.unwrap();
    world.stop().await;
}

/// The sign is there for nobody to see but in an event, and only of one whose turn it was.
#[tokio::test(flavor = "multi_thread")]
async fn who_was_first_passes_the_turn_on_and_nobody_else() {
    let world = World::start().await;
    let client = world.client().await;
    let held = mutex::acquire(&client, LOCK, &Options::default())
        .await
        .unwrap();
    let mut waiting = line(&world, 3, &Options::default()).await;
    let names = world.children(LOCK).await;
    let mut signs = Vec::new();
    for name in &names {
        let sign = format!("{LOCK}/{name}-passed-on");
        let (none, sign) = world.observer.exists_and_watch(&sign).await.unwrap();
        assert!(none.is_none());
        signs.push(sign);
    }
    // One that waits gives up, and the znode of another is deleted before it is passed the turn.
    waiting.remove(2).abort();
    world.has_children(LOCK, 3).await;
    let deleted = path::join(LOCK, &names[1]);
    world.observer.delete(&deleted, None).await.unwrap();
    held.release().await.unwrap();
    let removed = outcome("the end of the waiting", waiting.remove(0)).await;
    assert_eq!(removed.unwrap_err(), Error::Removed { node: deleted });
    let last = outcome("the last one's turn", waiting.remove(0)).await;
    last.unwrap().release().await.unwrap();
    world.has_children(LOCK, 0).await;
    world.observer.sync(LOCK).await.unwrap();
    let seen: Vec<_> = signs.iter_mut().map(OneShot::has_fired).collect();
    assert_eq!(seen, [true, false, true, false]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_child_is_refused_by_name() {
    let world = World::start().await;
    let client = world.client().await;
    let kazoos = mutex::acquire(&client, LOCK, &named(Naming::Kazoo))
        .await
        .unwrap();
    let refused = mutex::acquire(&client, LOCK, &Options::default()).await;
    let Err(Error::Foreign { path, name, naming }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((path.as_str(), naming), (LOCK, Naming::Curator));
    assert!(kazoos.node().ends_with(&name));
    world.has_children(LOCK, 1).await;

    // One that comes later is noticed when there is something to decide.
    let waiting = contend(&client, &named(Naming::Kazoo));
    world.has_children(LOCK, 2).await;
    let readme = format!("{LOCK}/readme-text");
    let mode = CreateMode::Persistent;
    world.observer.create(&readme, "", mode).await.unwrap();
    // Who goes on purpose has looked, and passes the turn on: who is thrown out does not.
    world.observer.delete(kazoos.node(), None).await.unwrap();
    let refused = outcome("the refusal", waiting).await;
    assert!(matches!(refused, Err(Error::Foreign { .. })), "{refused:?}");
    world.has_children(LOCK, 1).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guarded_write_is_carried_out_by_the_holder_only() {
    let world = World::start().await;
    let client = world.client().await;
    let held = mutex::acquire(&client, LOCK, &Options::default())
        .await
        .unwrap();
    let mode = CreateMode::Persistent;
    world.observer.create("/job", "0", mode).await.unwrap();
    let write = || held.guarded(Multi::new().set("/job", "1", None));
    assert_eq!(client.multi(write()).await.unwrap().len(), 2);

    world.observer.delete(held.node(), None).await.unwrap();
    let late = write().set("/job", "2", None);
    let error = client.multi(late).await.unwrap_err();
    assert!(error.is(ErrorCode::NoNode), "{error}");
    assert_eq!(error.path(), held.node());
    assert_eq!(client.get("/job").await.unwrap().0, "1");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_wait_is_told_who_is_before() {
    let world = World::start().await;
    let client = world.client().await;
    let impatient = Options {
        wait: false,
        ..Options::default()
    };
    let held = mutex::acquire(&client, LOCK, &impatient).await.unwrap();
    let refused = mutex::acquire(&client, LOCK, &impatient).await;
    let Err(Error::Taken { by, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(held.node().ends_with(&by));
    world.has_children(LOCK, 1).await;
    held.release().await.unwrap();
    mutex::acquire(&client, LOCK, &impatient).await.unwrap();
    world.stop().await;
}

/// The parent is a container, which its server removes when it is empty: at any time.
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_that_is_removed_again_and_again_is_made_again() {
    const ROUNDS: usize = 200;
    let world = World::start().await;
    let (client, observer) = (world.client().await, world.observer.clone());
    let reaping = tokio::spawn(async move {
        let mut rng = Rng::with_seed(5);
        loop {
            // Refused while there is a child.
            drop(observer.delete(LOCK, None).await);
            sleep(Duration::from_micros(rng.u64(0..3000))).await;
        }
    });
    let mut last = 0;
    for _ in 0..ROUNDS {
        let held = soon(
            "the lock",
            mutex::acquire(&client, LOCK, &Options::default()),
        )
        .await;
        let held = held.unwrap();
        assert!(held.token() > last, "numbers start anew, tokens do not");
        last = held.token();
        held.release().await.unwrap();
    }
    reaping.abort();
    world.stop().await;
}
