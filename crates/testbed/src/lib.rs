//! Real Docker hosts, a real `ZooKeeper` ensemble and faults, on one machine.
//!
//! ```no_run
//! # async fn example() -> dockeeper_testbed::Result<()> {
//! use dockeeper_testbed::{IMAGE, Testbed};
//!
//! let testbed = Testbed::builder().hosts(2).zookeepers(3).start().await?;
//! testbed.host(0).docker(&["run", "--detach", "--init", IMAGE, "sleep", "600"]).await?;
//! let leader = testbed.zookeeper().leader().await?;
//! testbed.cut(testbed.host(0), leader).await?;
//! testbed.shutdown().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Each host is a network namespace with a Docker daemon of its own, each `ZooKeeper` server a
//! network namespace with a Java machine. They meet at a switch, which the caller reaches as well,
//! so a test in the machine's own namespace can talk to everything. It needs root, and the packages
//! that [`prerequisites`] lists.

pub use crate::{
    builder::{Builder, KEEPER_VARIABLE},
    certificates::{Certificates, SERVER_NAME},
    error::{Error, Result},
    host::{Host, IMAGE},
    layout::{HOSTS_MAX, Layout, NUMBER_MAX, ZOOKEEPERS_MAX},
    node::Node,
    process::Process,
    proxy::{Endpoint, Proxy},
    referee::{Referee, Verdict},
    testbed::Testbed,
};

mod blocking;
mod builder;
mod certificates;
mod cgroup;
mod claim;
pub mod curator;
mod error;
mod host;
pub mod inventory;
mod join;
mod layout;
mod members;
mod network;
mod node;
mod nsenter;
mod pid;
pub mod prerequisites;
mod process;
mod proxy;
mod reap;
pub mod record;
mod referee;
mod scope;
mod testbed;
mod tool;
pub mod wait;
pub mod zookeeper;
