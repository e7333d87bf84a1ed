//! Rollouts in a world drawn from a seed: containers that come, go, fail and fall silent, hosts that
//! are away, people who order this and that, and controllers that end between any two steps.
//!
//! `DOCKEEPER_SIMULATIONS` sets how many worlds there are, and `DOCKEEPER_SEED` where they begin.

mod judge;
mod world;

use super::*;
use fastrand::Rng;
use world::World;

/// How many worlds there are in each test run.
const SIMULATIONS_DEFAULT: u64 = 150;

#[test]
fn whatever_happens() {
    let count = setting("DOCKEEPER_SIMULATIONS").unwrap_or(SIMULATIONS_DEFAULT);
    let first = setting("DOCKEEPER_SEED").unwrap_or(1);
    let mut total = world::Total::default();
    for seed in first..first + count {
        let mut world = World::new(Rng::with_seed(seed));
        world.run(seed, &mut total);
    }
    eprintln!("{total:?}");
    // It did try what it is about.
    assert!(
        count < SIMULATIONS_DEFAULT || total.has_tried(count),
        "{total:?}"
    );
}

fn setting(name: &str) -> Option<u64> {
    Some(std::env::var(name).ok()?.parse().unwrap())
}
