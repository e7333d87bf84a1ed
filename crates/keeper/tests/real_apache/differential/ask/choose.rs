//! Which requests are made, and how often.

mod access;
mod places;
mod quota;
mod strange;
mod watching;
mod writes;

pub(crate) use watching::watches;

use super::{Ask, Place};
use fastrand::Rng;
use places::{PATHS, one_shot_place, place};

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker {
    pub(crate) seat: usize,
    /// Whether there may be limits whose excess is refused: Apache judges several writes at once
    /// by what was there before the first.
    pub(crate) has_hard_quotas: bool,
}

/// Znodes, so that more than their absence is met, and hard limits if there may be such.
pub(super) fn first(rng: &mut Rng, asker: Asker) -> Vec<Ask> {
    let count = rng.usize(..2 * PATHS.len()).min(PATHS.len() - 1);
    let paths = &PATHS[1..=count];
    let mut asks: Vec<_> = paths.iter().map(|path| writes::plant(rng, path)).collect();
    if asker.has_hard_quotas {
        asks.extend(quota::first(rng));
    }
    asks
}

pub(super) fn ask(rng: &mut Rng, asker: Asker) -> Ask {
    match rng.u32(..100) {
        0..3 => access::auth(rng),
        3..9 => access::set_acl(rng),
        9..14 => strange::ask(rng, asker),
        _ => ask_in_burst(rng, asker),
    }
}

/// Credentials are left out: Apache's server takes them before the requests that wait. So are
/// access control lists: it judges the writes behind one by the list before, if they come in time.
pub(super) fn ask_in_burst(rng: &mut Rng, asker: Asker) -> Ask {
    match rng.u32(..100) {
        0..21 => writes::create(rng),
        21..28 => writes::delete(rng),
        28..42 => writes::set_data(rng),
        42..52 => writes::multi(rng, asker),
        52..56 => Ask::MultiRead((0..rng.usize(..4)).map(|_| read(rng)).collect()),
        56..57 => Ask::WhoAmI,
        57..68 => watching::ask(rng, asker.seat),
        68..74 => quota::ask(rng, asker),
        _ => reading(rng, asker.seat),
    }
}

fn reading(rng: &mut Rng, seat: usize) -> Ask {
    let watched = one_shot_place(rng, seat);
    match rng.u32(..10) {
        0..2 => Ask::Exists(watched, rng.bool()),
        2..4 => Ask::GetData(watched, rng.bool()),
        4 => Ask::GetChildren(watched, rng.bool()),
        5 => Ask::GetChildren2(watched, rng.bool()),
        6 => Ask::GetAcl(place(rng)),
        7 => Ask::CountChildren(place(rng)),
        8 => Ask::GetEphemerals(place(rng)),
        _ => Ask::Sync(place(rng)),
    }
}

/// A read of a multi: it leaves no watch, whatever it says.
fn read(rng: &mut Rng) -> Ask {
    let kinds: [fn(Place, bool) -> Ask; 2] = [Ask::GetData, Ask::GetChildren];
    pick(rng, &kinds)(place(rng), rng.bool())
}

fn pick<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}
