//! A ZooKeeper client on tokio.
//!
//! A [`Client`] is one session. It connects and reconnects by itself, and ends when the server
//! ends it: the owner watches the [`State`] and makes a new one. A session can be
//! [saved](SavedSession) and [resumed](Client::resume) by the next process, so that a restart
//! costs no ephemeral znode.
//!
//! Requests are sent as they are made, in order, without waiting for earlier answers. An
//! [`Error`] says which of three things holds: the server refused, the request was never sent, or
//! it was sent and nobody knows what became of it.
//!
//! Watches survive reconnects. The holder of a persistent watch is told with [`Notice::Resync`]
//! when it may have missed something.
//!
//! With the feature `tls`, on by default, [`transport::Tls`] reaches servers over TLS. Every
//! operation of Apache ZooKeeper 3.8 is there but SASL and the deletion of an empty container,
//! which its server takes from itself alone.
//!
//! A [`Lease`] tells for how long the session certainly lives, for those who hold something by an
//! ephemeral znode.
//!
//! Time comes from `tokio::time` and [`Config::clock`], connections from [`transport::Connect`], and
//! randomness from [`Config::seed`], so that a simulation can drive them all.
//!
//! ```no_run
//! use dockeeper_zk_client::{Client, Config, CreateMode};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::connect(Config::new("zk1,zk2,zk3/app".parse()?));
//! let created = client.create("/greeting", "hello", CreateMode::Ephemeral).await?;
//! let (data, stat) = client.get(&created.path).await?;
//! client.set("/greeting", data, Some(stat.version)).await?;
//! client.close().await;
//! # Ok(())
//! # }
//! ```

mod call;
mod chroot;
mod client;
pub mod clock;
pub mod config;
pub mod connect_string;
pub mod error;
pub mod event;
mod lease;
mod multi;
mod multi_read;
mod queue;
mod saved;
mod session;
pub mod state;
mod task;
pub mod transport;
mod version;

pub use self::{
    client::{Client, Closed, CreateOptions, Created, NotConnected, Reconfig},
    clock::{BootClock, BootInstant},
    config::{Config, Credentials},
    connect_string::ConnectString,
    error::{Error, ErrorKind},
    event::{Event, EventKind, Notice, OneShot, Watcher},
    lease::Lease,
    multi::{Multi, MultiResult},
    multi_read::{MultiRead, ReadResult},
    saved::SavedSession,
    state::{Ended, State},
};
pub use dockeeper_zk_proto::{
    ErrorCode, Stat,
    acl::{Acl, Id, perms},
    create::CreateMode,
    path,
    watch::{AddWatchMode, WatcherType},
};
