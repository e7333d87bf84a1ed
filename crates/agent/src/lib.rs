//! What runs on each Docker host: one session with ZooKeeper, and everything that is done with it.
//!
//! [`Agent::run`] goes on until it is told to [`Stop`], through the loss of either side: what is
//! known is kept and compared again when the side is back. The session is left for the next start
//! to resume, so that a restart removes no znode.

mod address;
mod agent;
pub mod clock;
mod config;
mod configuration;
mod error;
mod facts;
pub mod leave;
mod presence;
mod session;
mod state_dir;
pub mod surroundings;
mod takeover;

pub use self::{
    agent::{Agent, Stop},
    config::Config,
    error::Error,
};
