//! What runs once per cluster.
//!
//! Each host's agent runs a [`Controller`]; one of them is elected and has the duties until its
//! leadership is lost. All that it knows it reads from ZooKeeper, so that the next one goes on where
//! it stood; and each of its writes is behind a [`Fence`], which falls when the next one begins.
//!
//! | module | what lives there |
//! |---|---|
//! | [`controller`] | the election, and a leader's term |
//! | [`fence`] | what makes the writes of a leader fail that has been deposed |
//! | `apps` | which apps there are, and one driver for each |
//! | `driver` | drives an app's rollout |
//! | `following` | the containers that mount an app, as their hosts report them |
//! | `labels` | the containers' labels |
//! | `collector` | the periodic removal of what nobody needs any more |
//! | [`publisher`] | what the controller needs of the store, and the store behind the fence |
//!
//! What it reads grows with what is going on, not with the cluster: of each app one record, its
//! rollout, with a watch that fires once; what its hosts report, one znode for each host, only while
//! a rollout is under way. A mirror of all of `/config` would be simpler. With a hundred apps on a
//! thousand hosts it would hold a hundred thousand records that nobody looks at, be told of each
//! change to one of them, and read them all again after each reconnect.

mod apps;
mod collector;
pub mod controller;
mod driver;
pub mod fence;
mod following;
mod labels;
pub mod publisher;

pub use self::{
    controller::{Config, Controller},
    fence::Fence,
    publisher::{PublishError, Publisher, Releases, Rollback},
};
