//! The keeper on the network: sockets, timers, and the one task that asks the
//! [`Machine`](crate::Machine).
//!
//! ```text
//! clients -> listener -> connection -+-> core -> log thread
//!               |            ^       |    |
//!           admission        +--- outbox -+
//! ```
//!
//! Each connection is a task that reads frames and hands them to the core in the order in which
//! they come, as many at a time as one read has brought. The core never waits for a connection: it
//! puts what it has to say into the connection's outbox. What is unsent is bounded there, and in
//! the core for all connections together; what is unanswered, here.

mod admission;
mod chunks;
mod clock;
mod config;
mod connection;
mod core;
mod error;
mod facts;
mod greeting;
mod inbound;
mod keeper;
pub mod limits;
mod listener;
mod message;
mod outbox;
mod startup;
mod stop;
mod stream;
mod tally;
mod throttle;
mod tls;
mod unsent;

pub use self::{
    clock::{Clock, SystemClock},
    config::{Config, PORT_DEFAULT},
    error::Error,
    keeper::{Handle, Keeper},
    tls::{TlsError, TlsFiles},
};
