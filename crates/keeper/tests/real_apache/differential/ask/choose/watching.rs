use super::{
    super::{
        Ask, Place,
        Since::{self, Future, Left, Nothing, Now},
        Watches,
    },
    pick,
    places::{one_shot_place, own_persistent_place, own_place, persistent_place},
};
use fastrand::Rng;

/// A child's, data's and any watcher. Those of 3.9 are left out: there the keeper differs.
const TYPES: [i32; 3] = [1, 2, ANY];
const ANY: i32 = 3;

/// Neither modes nor types of watchers, not even for 3.9.
const UNKNOWN: [i32; 3] = [-1, 6, 1000];

pub(super) fn ask(rng: &mut Rng, seat: usize) -> Ask {
    match rng.u32(..20) {
        0..8 => {
            let (place, is_recursive) = persistent_place(rng, seat);
            Ask::AddWatch(place, i32::from(is_recursive))
        }
        8..10 => Ask::RemoveWatches(persistent_place(rng, seat).0, ANY),
        10..12 => Ask::CheckWatches(own_persistent_place(seat), ANY),
        12..14 => Ask::RemoveWatches(own_place(seat), pick(rng, &TYPES)),
        14..16 => Ask::RemoveWatches(one_shot_place(rng, seat), pick(rng, &TYPES)),
        16..18 => Ask::CheckWatches(own_place(seat), pick(rng, &TYPES)),
        18 => {
            let since = pick(rng, &[Nothing, Left, Now, Future]);
            Ask::SetWatches(watches(rng, seat, since))
        }
        _ => {
            let kinds: [fn(Place, i32) -> Ask; 3] =
                [Ask::AddWatch, Ask::RemoveWatches, Ask::CheckWatches];
            pick(rng, &kinds)(own_place(seat), pick(rng, &UNKNOWN))
        }
    }
}

/// The watches that a session sets, as behind a reconnect.
pub(crate) fn watches(rng: &mut Rng, seat: usize, since: Since) -> Watches {
    let [data, exist, child] = [(); 3].map(|()| {
        let count = rng.usize(..4);
        (0..count).map(|_| one_shot_place(rng, seat)).collect()
    });
    let mut lasting = [Vec::new(), Vec::new()];
    for _ in 0..rng.usize(..4) {
        let (place, is_recursive) = persistent_place(rng, seat);
        lasting[usize::from(is_recursive)].push(place);
    }
    Watches {
        since,
        data,
        exist,
        child,
        lasting: rng.bool().then_some(lasting),
    }
}
