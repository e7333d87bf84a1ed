//! Random sequences of steps.

use super::{
    ask::{Ask, Asker, Since, Watches, watches},
    knock::Knock,
};
use fastrand::Rng;

/// How many sessions take part.
pub(crate) const SESSIONS: usize = 3;

/// Steps that a session stays away at the most: far less than its time-out.
const AWAY_MAX: usize = 8;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A session asks.
    Ask(usize, Ask),
    /// A session asks several things before it reads the first answer.
    Burst(usize, Vec<Ask>),
    /// A session's connection ends.
    Leave(usize),
    /// It is back, and sets its watches again.
    Return(usize, Watches),
    /// A session goes on with another connection while it has one.
    Move(usize),
    /// Somebody comes with another first frame than a session's client would send.
    Knock(usize, Knock),
    /// A session closes, and another takes its place.
    Close(usize),
    /// A session is heard of no more, expires, and another takes its place.
    Expire(usize),
}

/// Makes a plan.
struct Planner {
    rng: Rng,
    may_expire: bool,
    has_hard_quotas: bool,
    /// Who is away, and for how many steps more.
    away: Option<(usize, usize)>,
}

/// The steps that belong to a seed.
pub(crate) fn random(seed: u64, steps: usize) -> Vec<Step> {
    let mut rng = Rng::with_seed(seed);
    let mut planner = Planner {
        // Waiting for a session to expire takes most of a sequence's time.
        may_expire: rng.u32(..10) == 0,
        has_hard_quotas: rng.u32(..4) == 0,
        away: None,
        rng,
    };
    let first = planner.begin();
    std::iter::once(first)
        .chain((1..steps).map(|_| planner.step()))
        .collect()
}

// === impl Planner ===

impl Planner {
    fn begin(&mut self) -> Step {
        let asker = Asker {
            seat: 0,
            has_hard_quotas: self.has_hard_quotas,
        };
        Step::Burst(asker.seat, Ask::first(&mut self.rng, asker))
    }

    fn step(&mut self) -> Step {
        if let Some((seat, 0)) = self.away {
            self.away = None;
            let since = self.pick(&[Since::Left, Since::Left, Since::Left, Since::Nothing]);
            return Step::Return(seat, watches(&mut self.rng, seat, since));
        }
        if let Some((_, left)) = &mut self.away {
            *left -= 1;
            return self.ask();
        }
        let seat = self.rng.usize(..SESSIONS);
        match self.rng.u32(..100) {
            0..2 => Step::Move(seat),
            2..6 => {
                self.away = Some((seat, self.rng.usize(..=AWAY_MAX)));
                Step::Leave(seat)
            }
            6..8 => Step::Knock(seat, Knock::random(&mut self.rng)),
            8 => Step::Close(seat),
            9 if self.may_expire => Step::Expire(seat),
            _ => self.ask(),
        }
    }

    fn ask(&mut self) -> Step {
        let away = self.away.map(|(seat, _)| seat);
        let present: Vec<_> = (0..SESSIONS).filter(|seat| Some(*seat) != away).collect();
        let asker = Asker {
            seat: self.pick(&present),
            has_hard_quotas: self.has_hard_quotas,
        };
        if self.has_hard_quotas || self.rng.u32(..8) > 0 {
            return Step::Ask(asker.seat, Ask::random(&mut self.rng, asker));
        }
        let count = self.rng.usize(2..8);
        let asks = (0..count).map(|_| Ask::random_in_burst(&mut self.rng, asker));
        Step::Burst(asker.seat, asks.collect())
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.rng.usize(..of.len())]
    }
}
