//! The parts of a session that decide and do no I/O.

pub(crate) mod backoff;
pub(crate) mod hosts;
pub(crate) mod keepalive;
pub(crate) mod rearm;
pub(crate) mod watches;
