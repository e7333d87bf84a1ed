use super::{super::Place, pick};
use fastrand::Rng;

/// Few enough that most requests meet what an earlier one has done. The first is there; each of the
/// others stands behind the one above it.
pub(super) const PATHS: [&str; 10] = [
    "", "/a", "/b", "/c", "/a/x", "/a/y", "/a/x/1", "/b/x", "/b/x/1", "/c/x",
];

/// Paths with persistent watches only, where the others have one-shot ones only: Apache 3.8 lets
/// one overwrite the other.
const PERSISTENT_PATHS: [&str; 3] = ["/a", "/b/x", "/p"];

/// Paths that no server takes, below a root that is there.
const BAD_PATHS: [&str; 12] = [
    "/",
    "//a",
    "/a/",
    "/a/../b",
    "/a/.",
    "/..",
    "/a\0",
    "/a\u{1}",
    "/a\u{7f}",
    "/\u{f8ff}",
    "/\u{fffd}",
    "/\u{9f}x",
];

/// Paths that are odd, and yet a server takes them. Beyond U+FFFF, what Apache's server repeats is
/// not UTF-8.
const ODD_PATHS: [&str; 4] = ["/...", "/a b", "/\u{e9}\u{4e2d}", "/.x"];

pub(super) fn place(rng: &mut Rng) -> Place {
    match rng.u32(..80) {
        0..2 => Place::own(pick(rng, &BAD_PATHS)),
        2 => Place::own(pick(rng, &ODD_PATHS)),
        _ => Place::own(pick(rng, &PATHS)),
    }
}

/// A place that one session alone watches: Apache 3.8 takes anybody's watch for the asking
/// session's when it checks.
pub(super) fn own_place(seat: usize) -> Place {
    Place::Own(format!("/own-{seat}"))
}

/// The same for persistent watches.
pub(super) fn own_persistent_place(seat: usize) -> Place {
    Place::Own(format!("/lasting-{seat}"))
}

/// A place for persistent watches, and whether this session's there are recursive ones: Apache 3.8
/// lets one overwrite the other.
pub(super) fn persistent_place(rng: &mut Rng, seat: usize) -> (Place, bool) {
    let index = rng.usize(..=PERSISTENT_PATHS.len());
    let place = match PERSISTENT_PATHS.get(index) {
        Some(path) => Place::own(path),
        None => own_persistent_place(seat),
    };
    (place, (seat + index).is_multiple_of(2))
}

pub(super) fn one_shot_place(rng: &mut Rng, seat: usize) -> Place {
    if rng.u32(..8) == 0 {
        return own_place(seat);
    }
    loop {
        let place = place(rng);
        if !PERSISTENT_PATHS.map(Place::own).contains(&place) {
            return place;
        }
    }
}
