//! How a release reaches the containers, stage by stage. Does no I/O: the
//! [record](dockeeper_model::config::Rollout) as it lies in ZooKeeper, what is known of the
//! containers, and the time go in; the next record comes out.
//!
//! The record alone is enough to go on: whoever writes it may stop between any two writes, and the
//! next one does what was to be done. Who publishes a release writes what [`first`] gives together
//! with it, so that the first containers begin with that very write. From then on the controller
//! writes what [`step`] gives, again and again, until the rollout is done; and a person what
//! [`order()`] gives.
//!
//! What always holds: a container that was admitted stays so; at most as many are admitted as the
//! stages opened so far ask for, and one more for each that failed or is gone; at most
//! [`max_parallel`](dockeeper_model::config::Policy::max_parallel) of them wait for their judgement;
//! a failed way back is not tried again by itself.

mod begin;
mod choice;
mod course;
mod demand;
mod judge;
mod members;
mod order;
mod text;

pub use self::{
    begin::{everyone, first},
    course::{Action, Outcome, View, rollback_failed, step},
    members::{Member, Members, members},
    order::{Order, Refused, order},
};

/// How many containers a rollout names. A name takes 15 bytes, twice while its container waits to be
/// judged: so many take 300 kB of the megabyte that a znode holds, and of the half of it that a
/// multi should have. An app that more containers mount is rolled out as if it had no more stages
/// that end beyond them: the last stage admits all that are left at once.
pub const ADMITTED_MAX: usize = 10_000;

#[cfg(test)]
mod tests;
