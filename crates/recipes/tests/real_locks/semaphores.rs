//! Never more holders than permits.

use crate::world::{World, named, outcome};
use dockeeper_recipes::{Error, Held, Naming, Options, semaphore};
use dockeeper_zk_client::Client;
use fastrand::Rng;
use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

const SEMAPHORE: &str = "/semaphores/few";

fn contend(client: &Client, permits: u32) -> JoinHandle<Result<Held, Error>> {
    contend_as(Naming::Curator, client, permits)
}

fn contend_as(naming: Naming, client: &Client, permits: u32) -> JoinHandle<Result<Held, Error>> {
    let client = client.clone();
    let permits = NonZeroU32::new(permits).unwrap();
    tokio::spawn(
        async move { semaphore::acquire(&client, SEMAPHORE, permits, &named(naming)).await },
    )
}

const PERMITS: NonZeroU32 = NonZeroU32::new(3).unwrap();

/// One who comes, holds, gives up and goes at random, and counts those who hold with it.
async fn dabble(client: Client, naming: Naming, seed: u64, counts: Arc<[AtomicU32; 2]>) {
    const ROUNDS: usize = 20;
    let [holders, most] = &*counts;
    let mut rng = Rng::with_seed(seed);
    for _ in 0..ROUNDS {
        let options = named(naming);
        let acquiring = semaphore::acquire(&client, SEMAPHORE, PERMITS, &options);
        let patience = Duration::from_millis(rng.u64(1..200));
        let Ok(held) = timeout(patience, acquiring).await else {
            continue;
        };
        let held = held.unwrap();
        let now = holders.fetch_add(1, Ordering::SeqCst) + 1;
        most.fetch_max(now, Ordering::SeqCst);
        sleep(Duration::from_millis(rng.u64(0..20))).await;
        holders.fetch_sub(1, Ordering::SeqCst);
        held.release().await.unwrap();
    }
}

/// As many as there are permits hold one at the same time, and one more is refused.
async fn all_permits_can_be_held(world: &World, naming: Naming) {
    let client = world.client().await;
    let options = Options {
        wait: false,
        ..named(naming)
    };
    let mut held = Vec::new();
    for _ in 0..PERMITS.get() {
        // The one before may not be through with the mutex.
        let one = outcome("a permit", contend_as(naming, &client, PERMITS.get())).await;
        held.push(one.unwrap());
    }
    let refused = semaphore::acquire(&client, SEMAPHORE, PERMITS, &options).await;
    assert!(matches!(refused, Err(Error::Taken { .. })), "{refused:?}");
    for one in held {
        one.release().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_never_more_holders_than_permits() {
    const CONTENDERS: u64 = 8;
    for (naming, left) in [
        (
            Naming::Curator,
            [format!("{SEMAPHORE}/leases"), format!("{SEMAPHORE}/locks")],
        ),
        (
            Naming::Kazoo,
            [SEMAPHORE.to_owned(), format!("{SEMAPHORE}-__lock__")],
        ),
    ] {
        let world = World::start().await;
        let counts = Arc::new([AtomicU32::new(0), AtomicU32::new(0)]);
        let mut contenders = JoinSet::new();
        for seed in 0..CONTENDERS {
            contenders.spawn(dabble(world.client().await, naming, seed, counts.clone()));
        }
        while let Some(done) = contenders.join_next().await {
            done.unwrap();
        }
        let most = counts[1].load(Ordering::SeqCst);
        assert!((1..=PERMITS.get()).contains(&most), "{most} at a time");
        all_permits_can_be_held(&world, naming).await;
        for parent in left {
            world.has_children(&parent, 0).await;
        }
        world.stop().await;
    }
}

/// Each goes by what it was told itself, as with Curator.
#[tokio::test(flavor = "multi_thread")]
async fn contenders_may_be_told_of_different_permits() {
    let world = World::start().await;
    let leases = format!("{SEMAPHORE}/leases");
    let client = world.client().await;
    let one = outcome("the first", contend(&client, 1)).await.unwrap();
    let two = outcome("the second", contend(&client, 2)).await.unwrap();
    let third = contend(&client, 1);
    world.has_children(&leases, 3).await;
    one.release().await.unwrap();
    world.has_children(&leases, 2).await;
    assert!(!third.is_finished(), "there is one beside it");
    two.release().await.unwrap();
    let third = outcome("the third", third).await.unwrap();
    assert!(third.node().starts_with(&leases), "{}", third.node());
    assert_eq!(third.path(), SEMAPHORE);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_place_was_taken_from_it_does_not_block_the_others() {
    let world = World::start().await;
    let (leases, locks) = (format!("{SEMAPHORE}/leases"), format!("{SEMAPHORE}/locks"));
    let client = world.client().await;
    let held = outcome("the first", contend(&client, 1)).await.unwrap();
    world.has_children(&locks, 0).await;
    let robbed = contend(&client, 1);
    world.has_children(&leases, 2).await;
    let guard = world.children(&locks).await.remove(0);
    let guard = format!("{locks}/{guard}");
    world.observer.delete(&guard, None).await.unwrap();
    let error = outcome("the refusal", robbed).await.unwrap_err();
    assert_eq!(error, Error::Removed { node: guard });
    // Its lease has gone with it: it would count against the others.
    world.has_children(&leases, 1).await;
    let next = contend(&client, 1);
    held.release().await.unwrap();
    outcome("the next", next).await.unwrap();
    world.stop().await;
}

/// kazoo's says itself how many permits it has, and nobody may think otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn kazoos_semaphore_has_its_permits_written_down() {
    let world = World::start().await;
    let client = world.client().await;
    let kazoo = |permits| contend_as(Naming::Kazoo, &client, permits);
    let held = outcome("the first", kazoo(1)).await.unwrap();
    assert_eq!(world.observer.get(SEMAPHORE).await.unwrap().0, "1");
    let lease = held.node().strip_prefix(&format!("{SEMAPHORE}/")).unwrap();
    assert_eq!(
        (lease.len(), world.children(SEMAPHORE).await),
        (32, vec![lease.to_owned()])
    );
    world.shows(&held).await;

    let error = outcome("the refusal", kazoo(2)).await.unwrap_err();
    let expected = Error::Permits {
        path: SEMAPHORE.to_owned(),
        wanted: 2,
        found: 1,
    };
    assert_eq!(error, expected);

    let guards = format!("{SEMAPHORE}-__lock__");
    world.has_children(&guards, 0).await;
    let next = kazoo(1);
    world.has_children(&guards, 1).await;
    held.release().await.unwrap();
    outcome("the next", next).await.unwrap();
    world.stop().await;
}

/// Curator's programs and kazoo's do not see each other's holders.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_other_names_is_refused_and_leaves_nothing() {
    let world = World::start().await;
    let client = world.client().await;
    for (naming, other) in [
        (Naming::Kazoo, Naming::Curator),
        (Naming::Curator, Naming::Kazoo),
    ] {
        let held = outcome("the first", contend_as(naming, &client, 1)).await;
        let held = held.unwrap();
        let children = async || {
            let (mut names, _) = world.observer.list(SEMAPHORE).await.unwrap();
            names.sort_unstable();
            names
        };
        let before = children().await;
        let refused = outcome("the refusal", contend_as(other, &client, 1)).await;
        let is_foreign = |name: &String| before.contains(name);
        assert!(
            matches!(&refused, Err(Error::Foreign { name, .. }) if is_foreign(name)),
            "{refused:?}"
        );
        assert_eq!(children().await, before);
        held.release().await.unwrap();
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn holders_are_told_from_those_who_wait() {
    for (naming, guards) in [
        (Naming::Curator, format!("{SEMAPHORE}/locks")),
        (Naming::Kazoo, format!("{SEMAPHORE}-__lock__")),
    ] {
        let world = World::start().await;
        // All in one session: a holder is not told from who waits by that.
        let client = world.client().await;
        let held = outcome("the first", contend_as(naming, &client, 1)).await;
        world.has_children(&guards, 0).await;
        let waiting = [1, 2].map(|_| contend_as(naming, &client, 1));
        world.has_children(&guards, 2).await;
        if naming == Naming::Curator {
            world.has_children(&format!("{SEMAPHORE}/leases"), 2).await;
        }
        let survey = semaphore::survey(&world.observer, SEMAPHORE).await.unwrap();
        let holds: Vec<_> = survey.contenders.iter().map(|one| one.is_holder).collect();
        assert_eq!(holds, [true, false, false]);
        assert_eq!(survey.contenders[0].node, held.unwrap().node());
        assert_eq!((survey.foreign, survey.naming), (Vec::new(), naming));
        for one in waiting {
            one.abort();
        }
        world.stop().await;
    }
}
