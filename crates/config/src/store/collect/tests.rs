//! Publishers, those who forget releases, and collections, request by request in any order, while
//! hours pass: no release ever lacks a blob.

mod world;

use super::{super::upload::upload, *};
use crate::bundle::{Bundle, BundleFile, Parts};
use fastrand::Rng;
use futures_util::task::noop_waker_ref;
use std::{pin::Pin, task::Context};
use tokio::time::{Instant, advance};
use world::World;

/// How many simulations are played. Each takes some milliseconds.
const SEEDS: u64 = 60;

/// How many steps a simulation has.
const STEPS: usize = 2000;

/// How many bundles there are to publish, and as many files: few enough to be published again, and
/// enough to be forgotten meanwhile.
const BUNDLES: u8 = 24;

/// How long a request may be on its way: its session ends, and it is refused.
const SESSION: Duration = Duration::from_secs(5 * 60);

/// What all simulations together came to.
#[derive(Debug, Default)]
struct Total {
    published: usize,
    too_slow: usize,
    removed: usize,
    fenced: usize,
}

/// Bundles that share some of their files.
fn bundles() -> Vec<Parts> {
    let bundle = |files: &[u8]| {
        let files = files.iter().map(|n| {
            let file = BundleFile {
                mode: 0o644,
                uid: 0,
                gid: 0,
                content: vec![*n].into(),
            };
            (format!("file-{n}").parse().unwrap(), file)
        });
        let files = files.collect();
        let keys = Default::default();
        Parts::of(&Bundle { files, keys }).unwrap()
    };
    let some = (0..BUNDLES).map(|n| bundle(&[n, (n + 1) % BUNDLES, n * 7 % BUNDLES]));
    some.collect()
}

/// Publishes again and again, as the store does, but for what is in the release.
async fn publisher(world: &World, bundles: &[Parts]) {
    loop {
        let parts = &bundles[world.random(bundles.len())];
        let started = Instant::now();
        upload(world, parts).await.unwrap();
        if started.elapsed() > PUBLISH_LIMIT {
            world.total.borrow_mut().too_slow += 1;
        } else if world.publish(parts).await {
            world.total.borrow_mut().published += 1;
        }
    }
}

async fn collector(world: &World) {
    loop {
        match collect(world).await {
            Ok(collected) => world.total.borrow_mut().removed += collected.removed,
            Err(Error::OtherCollector) => world.total.borrow_mut().fenced += 1,
            Err(error) => panic!("{error}"),
        }
    }
}

async fn forgetter(world: &World) {
    loop {
        world.forget().await;
    }
}

async fn play(seed: u64) -> Total {
    let bundles = bundles();
    let world = World::new(Rng::with_seed(seed), &bundles);
    let mut rng = Rng::with_seed(!seed);
    let haste = [5, 20, 100][rng.usize(..3)];
    let leap_s = [60, 600, 3600][rng.usize(..3)];
    let mut tasks: Vec<Pin<Box<dyn Future<Output = ()> + '_>>> = vec![
        Box::pin(publisher(&world, &bundles)),
        Box::pin(publisher(&world, &bundles)),
        Box::pin(publisher(&world, &bundles)),
        Box::pin(collector(&world)),
        Box::pin(collector(&world)),
        Box::pin(forgetter(&world)),
    ];
    // Each as fast as it happens to be, as long as a simulation lasts.
    let shares: Vec<_> = tasks.iter().map(|_| [1, 8, 64][rng.usize(..3)]).collect();
    let turns: Vec<_> = (0..tasks.len())
        .flat_map(|task| vec![task; shares[task]])
        .collect();
    for step in 0..STEPS {
        if rng.usize(..haste) == 0 {
            advance(Duration::from_secs(rng.u64(..leap_s))).await;
        }
        let task = turns[rng.usize(..turns.len())];
        let mut context = Context::from_waker(noop_waker_ref());
        assert!(tasks[task].as_mut().poll(&mut context).is_pending());
        if let Some(lacking) = world.lacking() {
            panic!("seed {seed}, step {step}: {lacking}");
        }
    }
    drop(tasks);
    world.total.into_inner()
}

#[tokio::test(start_paused = true)]
async fn no_release_ever_lacks_a_blob() {
    let mut total = Total::default();
    for seed in 0..SEEDS {
        let played = play(seed).await;
        total.published += played.published;
        total.too_slow += played.too_slow;
        total.removed += played.removed;
        total.fenced += played.fenced;
    }
    // Otherwise nothing was tried.
    let all = [total.published, total.too_slow, total.removed, total.fenced];
    assert!(all.iter().all(|count| *count >= 20), "{total:?}");
}
