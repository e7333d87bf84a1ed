//! What goes wrong, and when.

use crate::keeper::TICK;
use fastrand::Rng;
use std::{ops::Range, time::Duration};

/// For how long things go wrong.
pub(crate) const STORM: Duration = Duration::from_secs(12);

const FAULTS: Range<usize> = 3..14;

/// How long each lasts, in milliseconds: also longer than a session's time-out.
const LASTS_MS: Range<u64> = 20..5000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing goes from a machine to the server, nor back.
    Cut(usize),
    /// Nothing goes from a machine to the server.
    CutOut(usize),
    /// Nothing comes from the server to a machine.
    CutIn(usize),
    /// Whatever is sent between a machine and the server arrives later.
    Hold(usize),
    /// Writes arrive late at what is protected.
    HoldReferee(usize),
    /// Messages between a machine and the server take long, each as long as it will.
    Slow(usize),
    /// The follower has lost its leader.
    CutFollower,
    HoldFollower,
    /// A machine is off.
    Crash(usize),
    /// A process is killed; later, there is another one.
    Kill(usize),
    /// A process is stopped.
    Stop(usize),
    /// A machine is suspended.
    Suspend(usize),
    /// The server is down, and comes back with what was on its disk.
    Restart,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) at: Duration,
    pub(crate) until: Duration,
    pub(crate) fault: Fault,
    /// Whether it hits a machine whose process holds something, if there is one.
    pub(crate) is_aimed: bool,
}

// === impl Fault ===

impl Fault {
    /// The machine that it hits.
    pub(crate) fn machine(&mut self) -> Option<&mut usize> {
        match self {
            Self::Cut(machine)
            | Self::CutOut(machine)
            | Self::CutIn(machine)
            | Self::Hold(machine)
            | Self::HoldReferee(machine)
            | Self::Slow(machine)
            | Self::Crash(machine)
            | Self::Kill(machine)
            | Self::Stop(machine)
            | Self::Suspend(machine) => Some(machine),
            Self::CutFollower | Self::HoldFollower | Self::Restart => None,
        }
    }
}

/// Draws what goes wrong in one simulation, in the order of time.
pub(crate) fn random(rng: &mut Rng, machines: usize) -> Vec<Planned> {
    let count = rng.usize(FAULTS);
    let mut plan: Vec<_> = (0..count).map(|_| planned(rng, machines)).collect();
    plan.sort_by_key(|planned| planned.at);
    plan
}

fn planned(rng: &mut Rng, machines: usize) -> Planned {
    let storm_ms = u64::try_from(STORM.as_millis()).unwrap();
    let at = Duration::from_millis(rng.u64(..storm_ms));
    let machine = rng.usize(..machines);
    let fault = match rng.u8(..16) {
        0 => Fault::Cut(machine),
        1 => Fault::CutOut(machine),
        2 => Fault::CutIn(machine),
        3 | 4 => Fault::Hold(machine),
        5 => Fault::HoldReferee(machine),
        6 => Fault::Slow(machine),
        7 => Fault::CutFollower,
        8 => Fault::HoldFollower,
        9 => Fault::Crash(machine),
        10 | 11 => Fault::Kill(machine),
        12 | 13 => Fault::Stop(machine),
        14 => Fault::Suspend(machine),
        _ => Fault::Restart,
    };
    let lasts = Duration::from_millis(rng.u64(LASTS_MS));
    let lasts = match fault {
        // Sessions live on from the restart: nobody has to wait for one that long.
        Fault::Restart => lasts.min(2 * TICK),
        _ => lasts,
    };
    Planned {
        at,
        until: (at + lasts).min(STORM),
        fault,
        is_aimed: rng.bool(),
    }
}
