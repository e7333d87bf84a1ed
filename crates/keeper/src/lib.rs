//! A single-node server that speaks ZooKeeper's client protocol and keeps its promises.
//!
//! What it decides is pure: the `machine` takes what arrives on connections, and the time, and
//! gives out frames, the transactions that have to be logged, and connections to be closed. Around
//! it stand the log and the snapshots (`storage`) and the sockets and timers (`server`).
//!
//! A frame that shows a change is not sent before the change is on disk.
//!
//! ```
//! use dockeeper_keeper::server::{Config, Keeper};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let mut config = Config::new(folder.path().join("data"));
//! config.listen = vec!["127.0.0.1:0".parse()?];
//! let keeper = Keeper::open(config).await?;
//! println!("clients connect to {}", keeper.handle().addresses()[0]);
//! // Until a signal, in a real program.
//! let shutdown = std::future::ready(());
//! keeper.run(shutdown).await?;
//! # Ok(())
//! # }
//! ```

pub mod acl;
mod conn;
pub mod machine;
pub mod quota;
pub mod rules;
pub mod server;
pub mod sessions;
pub mod storage;
pub mod traffic;
mod tree;
pub mod txn;
pub mod watches;
pub mod words;

pub use self::{
    conn::ConnId,
    machine::{Effects, Input, Machine, Now, Outgoing, Output, Peer},
    rules::{Room, Rules},
    txn::{Entry, NodeKind, Txn},
};
