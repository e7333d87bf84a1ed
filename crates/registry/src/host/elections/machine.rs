//! One container's way through an election. Does no I/O: what happens and the time go in, what is
//! to be done comes out.
//!
//! What always holds: one hook runs at a time; `on-lost` runs once behind each `on-elected`, as soon
//! as the container can be told; the container stands again only when it has been told that it lost.

use super::contender::Fitness;
use dockeeper_health::duration;
use dockeeper_model::election::Role;
use dockeeper_recipes::Standing;
use dockeeper_zk_client::BootInstant;
use std::time::Duration;

/// How long a container does not stand after its first failure. Each further one doubles it.
pub(super) const BACKOFF_MIN: Duration = Duration::from_secs(1);

/// The longest that it does not stand for that reason.
pub(super) const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// Which part of the session time-out is kept for `on-lost`, before the leadership can no longer be
/// sure. No server has confirmed the session then for as long as makes the client give up its own.
const ON_LOST_PART: u32 = 8;

/// What happened.
#[derive(Clone, Debug)]
pub(super) enum Input {
    /// Whether the container may stand, from now on.
    Fitness(Fitness),
    /// Whether there is a session to stand with.
    Session(bool),
    /// It leads.
    Elected {
        /// The fencing token.
        token: i64,
        /// That of the session that it leads with.
        session_timeout: Duration,
    },
    /// It came to nothing that it stood.
    Refused(String),
    /// How sure the leadership is.
    Standing(Standing),
    /// The hook that ran has ended.
    Told(Result<(), String>),
    /// It is to stand no more.
    Resign,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Stand for election.
    Stand,
    /// Give the place in the line up, or the leadership.
    Resign,
    /// Run a hook.
    Tell(Occasion),
}

/// What a container is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// That it leads.
    Elected,
    /// That it leads no longer.
    Lost,
}

/// What the container was told last, by this process or the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Knowledge {
    /// Nothing, or that it leads no longer.
    Nothing,
    /// That it leads; nobody knows whether it took it up.
    Unsure,
    /// That it leads, and it took it up.
    Leads,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seat {
    None,
    Waiting,
    Leading {
        token: i64,
        session_timeout: Duration,
        /// When to give up for want of a server that confirms the session.
        give_up_at: Option<BootInstant>,
    },
}

/// A container's way through an election.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    fitness: Fitness,
    has_session: bool,
    is_resigned: bool,
    /// Whether there is an `on-lost`, for which time is to be left.
    tells_loss: bool,
    seat: Seat,
    /// The hook that runs.
    telling: Option<Occasion>,
    knows: Knowledge,
    failures: u32,
    /// Why and until when it does not stand.
    pause: Option<(BootInstant, String)>,
}

// === impl Machine ===

impl Machine {
    /// A container that has been told `knows`. With `has_seat` it stands already, in a place that an
    /// earlier process took.
    pub(super) fn new(
        fitness: Fitness,
        knows: Knowledge,
        has_seat: bool,
        tells_loss: bool,
    ) -> Self {
        Self {
            fitness,
            has_session: true,
            is_resigned: false,
            tells_loss,
            seat: if has_seat { Seat::Waiting } else { Seat::None },
            telling: None,
            knows,
            failures: 0,
            pause: None,
        }
    }

    /// Takes what happened, and says what is to be done, in this order.
    pub(super) fn handle(&mut self, now: BootInstant, input: Input) -> Vec<Effect> {
        let before = self.seat;
        match input {
            Input::Fitness(fitness) => self.fitness = fitness,
            Input::Session(has_session) => self.has_session = has_session,
            Input::Elected {
                token,
                session_timeout,
            } => self.elected(now, token, session_timeout),
            Input::Refused(why) => {
                self.seat = Seat::None;
                self.fail(now, &why);
            }
            Input::Standing(standing) => self.standing(standing),
            Input::Told(outcome) => self.told(now, outcome),
            Input::Resign => self.is_resigned = true,
        }
        self.settle(now, before)
    }

    /// Takes that time has passed.
    pub(super) fn tick(&mut self, now: BootInstant) -> Vec<Effect> {
        self.settle(now, self.seat)
    }

    /// When [`Self::tick`] has something to do.
    pub(super) fn deadline(&self) -> Option<BootInstant> {
        match (self.seat, &self.pause) {
            (Seat::Leading { give_up_at, .. }, _) => give_up_at,
            (Seat::None, Some((until, _))) => Some(*until),
            (Seat::None | Seat::Waiting, _) => None,
        }
    }

    /// Whether a hook runs.
    pub(super) fn is_telling(&self) -> bool {
        self.telling.is_some()
    }

    /// Whether it looks for a leadership that an earlier process left: nothing new is known of it.
    pub(super) fn is_resuming(&self) -> bool {
        self.seat == Seat::Waiting && self.knows == Knowledge::Leads
    }

    /// What the container was told last.
    pub(super) fn knows(&self) -> Knowledge {
        self.knows
    }

    /// Whether nothing is left to do, for good.
    pub(super) fn is_over(&self) -> bool {
        let is_last = self.is_resigned || self.fitness == Fitness::Gone;
        // A frozen container is left for the next process to tell.
        let is_told = self.knows == Knowledge::Nothing || !self.can_be_told();
        is_last && self.seat == Seat::None && self.telling.is_none() && is_told
    }

    /// What the container is, with its token where it leads, and why it does not stand.
    pub(super) fn status(&self) -> (Role, Option<i64>, Option<String>) {
        match self.seat {
            Seat::Leading { token, .. } if self.knows == Knowledge::Leads => {
                (Role::Leader, Some(token), None)
            }
            Seat::Leading { .. } | Seat::Waiting => (Role::Candidate, None, None),
            Seat::None => (Role::None, None, Some(self.withheld())),
        }
    }

    fn withheld(&self) -> String {
        match (&self.fitness, &self.pause) {
            (Fitness::Unfit(why) | Fitness::Frozen(why), _) => why.clone(),
            (Fitness::Gone, _) => "the container has ended".to_owned(),
            (Fitness::Fit, Some((_, why))) => why.clone(),
            (Fitness::Fit, None) if self.knows != Knowledge::Nothing => {
                "it is being told that it leads no longer".to_owned()
            }
            (Fitness::Fit, None) => "there is no session with ZooKeeper".to_owned(),
        }
    }

    fn elected(&mut self, now: BootInstant, token: i64, session_timeout: Duration) {
        // It may have resigned meanwhile.
        if self.seat != Seat::Waiting {
            return;
        }
        self.seat = Seat::Leading {
            token,
            session_timeout,
            give_up_at: None,
        };
        if self.knows == Knowledge::Unsure {
            self.seat = Seat::None;
            self.fail(now, "the agent ended while on-elected ran");
        }
    }

    fn standing(&mut self, standing: Standing) {
        let Seat::Leading {
            session_timeout,
            give_up_at,
            ..
        } = &mut self.seat
        else {
            return;
        };
        match standing.until() {
            Some(until) if self.tells_loss => {
                *give_up_at = Some(until.earlier(*session_timeout / ON_LOST_PART));
            }
            Some(_) => {}
            None => self.seat = Seat::None,
        }
    }

    fn told(&mut self, now: BootInstant, outcome: Result<(), String>) {
        match (self.telling.take(), outcome) {
            (Some(Occasion::Elected), Ok(())) => {
                self.knows = Knowledge::Leads;
                self.failures = 0;
            }
            (Some(Occasion::Elected), Err(why)) => {
                self.seat = Seat::None;
                self.fail(now, &format!("on-elected failed: {why}"));
            }
            // Whatever became of it: to tell it again would do no good.
            (Some(Occasion::Lost), _) => self.knows = Knowledge::Nothing,
            (None, _) => {}
        }
    }

    fn fail(&mut self, now: BootInstant, why: &str) {
        let doubled = BACKOFF_MIN.saturating_mul(2_u32.saturating_pow(self.failures));
        let pause = doubled.min(BACKOFF_MAX);
        self.failures += 1;
        let why = format!("{why}; it stands again after {}", duration::format(pause));
        self.pause = Some((now + pause, why));
    }

    fn settle(&mut self, now: BootInstant, before: Seat) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.pause.as_ref().is_some_and(|(until, _)| *until <= now) {
            self.pause = None;
        }
        if !self.may_stand() || self.has_given_up(now) {
            self.seat = Seat::None;
        }
        if before != Seat::None && self.seat == Seat::None {
            effects.push(Effect::Resign);
        }
        if let Some(occasion) = self.due() {
            self.telling = Some(occasion);
            if occasion == Occasion::Elected {
                self.knows = Knowledge::Unsure;
            }
            effects.push(Effect::Tell(occasion));
        }
        let is_free = self.telling.is_none() && self.knows == Knowledge::Nothing;
        if self.seat == Seat::None && is_free && self.pause.is_none() && self.may_stand() {
            self.seat = Seat::Waiting;
            effects.push(Effect::Stand);
        }
        effects
    }

    fn may_stand(&self) -> bool {
        self.fitness == Fitness::Fit && self.has_session && !self.is_resigned
    }

    fn has_given_up(&self, now: BootInstant) -> bool {
        let at = match self.seat {
            Seat::Leading { give_up_at, .. } => give_up_at,
            Seat::None | Seat::Waiting => None,
        };
        at.is_some_and(|at| at <= now)
    }

    /// What the container is to be told now.
    fn due(&self) -> Option<Occasion> {
        if self.telling.is_some() {
            return None;
        }
        match (self.seat, self.knows) {
            (Seat::Leading { .. }, Knowledge::Nothing) => Some(Occasion::Elected),
            (Seat::None, Knowledge::Leads | Knowledge::Unsure) if self.can_be_told() => {
                Some(Occasion::Lost)
            }
            _ => None,
        }
    }

    fn can_be_told(&self) -> bool {
        !matches!(self.fitness, Fitness::Frozen(_))
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
