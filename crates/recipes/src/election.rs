//! The election of a leader. Curator's `LeaderLatch`, kazoo's `Election`.

use crate::{Error, Held, Options, contest, line::Line, naming::Role};
use dockeeper_zk_client::Client;

/// Stands for election and waits until it leads, without a limit of its own. May be cancelled at any
/// time. What it yields is the leadership: releasing it is resigning.
///
/// The candidate's data is its id for Curator's `LeaderLatch`. To contend with Curator's
/// `LeaderSelector` instead, acquire a [`mutex`](crate::mutex).
///
/// # Errors
///
/// See [`Error`].
pub async fn campaign(client: &Client, path: &str, options: &Options) -> Result<Held, Error> {
    let line = Line::election(options.naming);
    contest::acquire(client, path, Role::Latch, line, options).await
}
