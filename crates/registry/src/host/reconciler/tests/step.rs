//! What can happen.

use super::world::NAMES;
use proptest::prelude::*;

/// What other hosts want too: the instance of two containers, and of one.
pub(super) const CONTESTED: [&str; 2] = ["/services/web/same", "/services/web/h1:a:80"];

/// One thing that happens.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Start(usize),
    Kill(usize),
    Die(usize),
    Pause(usize),
    Unpause(usize),
    Sicken(usize),
    Heal(usize),
    Rename(usize),
    /// One of the checks comes to another verdict.
    Judge(usize, bool),
    /// One of the events arrives, and maybe stays to arrive again.
    Hear(usize, bool),
    Lose(usize),
    /// The reconciler asks, and Docker answers; the answer may arrive later.
    Ask,
    Answer(usize),
    AskFails,
    /// Docker cannot be asked from now on, or can again.
    Away(bool),
    /// Time passes, in seconds, and what waits for it is looked at.
    Pass(i64),
    /// The wall clock is set forward, in seconds.
    Leap(i64),
    /// The reconciler writes, and ZooKeeper does it, or not.
    Write(bool),
    /// The reconciler hears what became of a write, or that nobody knows.
    Told(usize, bool),
    List,
    Expire,
    Compare,
    /// The host gets another address.
    Readdress(u8),
    /// Another host's session takes an instance, if it is free.
    Take(usize, i64),
    /// It goes, and maybe somebody says so.
    Leave(usize, bool),
    /// Another process takes over.
    Restart,
    /// Somebody writes into a znode.
    Vandalize(usize),
    /// Somebody deletes one.
    Erase(usize),
}

/// Any of them, the likely ones more often.
pub(super) fn step() -> impl Strategy<Value = Step> {
    let some = 0..NAMES.len();
    prop_oneof![
        4 => some.clone().prop_map(Step::Start),
        2 => some.clone().prop_map(Step::Kill),
        3 => some.clone().prop_map(Step::Die),
        1 => some.clone().prop_map(Step::Pause),
        1 => some.clone().prop_map(Step::Unpause),
        1 => some.clone().prop_map(Step::Sicken),
        1 => some.clone().prop_map(Step::Heal),
        1 => some.prop_map(Step::Rename),
        3 => (any::<usize>(), any::<bool>()).prop_map(|(i, passes)| Step::Judge(i, passes)),
        6 => (any::<usize>(), any::<bool>()).prop_map(|(i, again)| Step::Hear(i, again)),
        2 => any::<usize>().prop_map(Step::Lose),
        6 => Just(Step::Ask),
        6 => any::<usize>().prop_map(Step::Answer),
        1 => Just(Step::AskFails),
        1 => any::<bool>().prop_map(Step::Away),
        1 => (0..400_i64).prop_map(Step::Pass),
        1 => (0..4000_i64).prop_map(Step::Leap),
        6 => any::<bool>().prop_map(Step::Write),
        6 => (any::<usize>(), any::<bool>()).prop_map(|(i, known)| Step::Told(i, known)),
        1 => Just(Step::List),
        1 => Just(Step::Expire),
        1 => Just(Step::Compare),
        1 => any::<u8>().prop_map(Step::Readdress),
        2 => (0..CONTESTED.len(), 1..3_i64).prop_map(|(i, session)| Step::Take(i, session)),
        1 => (0..CONTESTED.len(), any::<bool>()).prop_map(|(i, told)| Step::Leave(i, told)),
        1 => Just(Step::Restart),
        1 => any::<usize>().prop_map(Step::Vandalize),
        1 => any::<usize>().prop_map(Step::Erase),
    ]
}

/// What can happen while containers that were told to stop run on.
pub(super) fn waiting() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => any::<bool>().prop_map(Step::Away),
        2 => (0..400_i64).prop_map(Step::Pass),
        1 => (0..4000_i64).prop_map(Step::Leap),
        1 => Just(Step::Compare),
        4 => Just(Step::Ask),
        4 => any::<usize>().prop_map(Step::Answer),
        4 => Just(Step::Write(true)),
        4 => any::<usize>().prop_map(|index| Step::Told(index, true)),
    ]
}
