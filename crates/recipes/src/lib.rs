//! What ZooKeeper is used for, over its client.
//!
//! [`mutex`], [`rwlock`], [`semaphore`] and [`election`] are contended for, also with programs that
//! use Curator or kazoo: [`Naming`] says whose names are used. Whatever was acquired is a [`Held`],
//! with a fencing token and a [`Standing`] that tells when the holder can no longer be sure. Every
//! call may be cancelled at any time and leaves nothing behind.
//!
//! [`tree`] mirrors a subtree.

mod contenders;
mod contest;
pub mod election;
mod error;
pub mod held;
pub mod line;
pub mod mutex;
pub mod naming;
mod options;
mod patience;
mod pause;
pub mod rwlock;
pub mod semaphore;
mod ticket;
pub mod tree;

pub use self::{
    contenders::{Contender, contenders},
    error::Error,
    held::{Held, Lost, Standing},
    naming::Naming,
    options::Options,
    tree::Tree,
};
