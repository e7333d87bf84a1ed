//! What runs on each host: keeps ZooKeeper equal to what Docker runs.
//!
//! ```text
//! Docker ─▶ inventory ─▶ catalog ─▶ ledger ─▶ ZooKeeper
//!           what runs    what is    what is
//!                        to be      registered
//!                        registered
//! ```
//!
//! The three are pure. Each compares levels, so that a lost event only makes it later; the
//! registrar stands around them with the I/O.

pub mod advertised;
mod candidate;
mod catalog;
pub mod elections;
mod endpoint;
mod exec;
mod holder;
mod inventory;
mod ledger;
mod metadata;
mod naming;
mod obstacle;
mod recall;
mod reconciler;
mod registrar;
pub mod reports;
pub mod settings;
mod stopping;
#[cfg(test)]
mod tests;
mod watched;
mod writer;

pub use self::{
    elections::Elections,
    exec::EngineExec,
    registrar::{Config, Registrar},
    reports::Reports,
    settings::Settings,
};
