//! What happened to a container, and when.

use crate::ContainerId;
use crate::container::Health;

/// Something that happened to a container.
///
/// Events make a reader look sooner; they are no source of truth. The engine drops them for a
/// reader that is slow, and keeps only the last 256 for one that comes back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// The container.
    pub id: ContainerId,
    /// What happened to it.
    pub action: Action,
    /// When, in nanoseconds since 1970 by the engine's clock.
    pub time_ns: i64,
}

/// What happened to a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// It was created.
    Create,
    /// Its process was started.
    Start,
    /// Its process ended.
    Die {
        /// The process's exit code, 128 and the signal's number when it was killed.
        exit_code: i32,
    },
    /// A signal was sent to its process. A stop begins with this.
    Kill {
        /// The signal's number, where the engine says.
        signal: Option<i32>,
    },
    /// A stop that was asked for is complete; [`Action::Die`] came before.
    Stop,
    /// Its processes were frozen.
    Pause,
    /// Its processes were thawed.
    Unpause,
    /// It got another name.
    Rename {
        /// The name before, without the leading slash.
        from: String,
        /// The name from now on.
        to: String,
    },
    /// A restart that was asked for is complete.
    Restart,
    /// Its health changed.
    HealthStatus(Health),
    /// It was attached to a network.
    NetworkConnect {
        /// The network's id.
        network: String,
    },
    /// It was detached from a network.
    NetworkDisconnect {
        /// The network's id.
        network: String,
    },
    /// One of its volumes was mounted for it: it is being started.
    VolumeMount {
        /// The volume's name.
        volume: String,
        /// The volume's driver.
        driver: String,
    },
    /// One of its volumes was unmounted: it has ended.
    VolumeUnmount {
        /// The volume's name.
        volume: String,
        /// The volume's driver.
        driver: String,
    },
    /// It was removed.
    Destroy,
    /// Its limits or its restart policy changed.
    Update,
    /// The kernel killed one of its processes for want of memory.
    Oom,
    /// Something that this version does not know.
    Other,
}
