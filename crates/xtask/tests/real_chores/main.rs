//! The chores that make testbeds, run as a person runs them: they leave nothing behind, however
//! they end.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod chore;
mod demo;
mod testbed;
#[path = "../../../testbed/tests/real_testbed/traces.rs"]
mod traces;
