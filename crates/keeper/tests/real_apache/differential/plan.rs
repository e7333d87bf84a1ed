//! Random sequences of steps.

use super::ask::Ask;
use fastrand::Rng;

/// How many sessions take part.
pub(crate) const SESSIONS: usize = 3;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A session asks.
    Ask(usize, Ask),
    /// A session's connection is cut, and made anew.
    Reconnect(usize),
    /// A session closes, and another takes its place.
    Close(usize),
    /// A session is heard of no more, expires, and another takes its place.
    Expire(usize),
}

/// The steps that belong to a seed.
pub(crate) fn random(seed: u64, steps: usize) -> Vec<Step> {
    let mut rng = Rng::with_seed(seed);
    // Waiting for a session to expire takes most of a sequence's time.
    let may_expire = rng.u32(..10) == 0;
    (0..steps).map(|_| step(&mut rng, may_expire)).collect()
}

fn step(rng: &mut Rng, may_expire: bool) -> Step {
    let session = rng.usize(..SESSIONS);
    match rng.u32(..100) {
        0..=2 => Step::Reconnect(session),
        3 => Step::Close(session),
        4 if may_expire => Step::Expire(session),
        _ => Step::Ask(session, Ask::random(rng, session)),
    }
}
