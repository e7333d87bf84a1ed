//! Health checks of service instances.
//!
//! A [`Check`] says how an instance is probed and how many outcomes in a row change its
//! [`Verdict`]. [`parse::check`] reads one from registrator's keys, a [`Monitor`] runs many of them
//! and tells its owner each [`Change`].
//!
//! | module | what lives there |
//! |---|---|
//! | [`check`] | what a check is, and its bounds |
//! | [`duration`] | Go's notation of durations |
//! | [`exec`] | the port through which a command runs in a container |
//! | [`monitor`] | the component that runs the checks |
//! | [`parse`] | registrator's keys |
//! | [`probe`] | one probe over the network or in the container |
//! | [`reason`] | why a probe failed, for a person to read |
//! | [`tally`] | rise and fall |
//! | [`target`] | what a check probes |
//! | [`ttl`] | the expiry of checks whose service reports by itself |
//! | [`verdict`] | outcomes and the verdicts drawn from them |

pub mod check;
pub mod duration;
pub mod exec;
pub mod monitor;
pub mod parse;
pub mod probe;
pub mod reason;
pub mod tally;
pub mod target;
pub mod ttl;
pub mod verdict;

pub use check::{Check, Probe};
pub use exec::Exec;
pub use monitor::{Change, Handle, Monitor};
pub use reason::Reason;
pub use target::Target;
pub use verdict::{Outcome, Verdict};
