//! A mutex: at most one holder. Curator's `InterProcessMutex` and `LeaderSelector`, kazoo's `Lock`.

use crate::{Error, Held, Options, contest, line::Line, naming::Role};
use dockeeper_zk_client::Client;

/// Waits for its turn, in the order in which contenders came, without a limit of its own.
///
/// May be cancelled at any time and leaves nothing behind, so a limit is set around it:
///
/// ```no_run
/// # use dockeeper_recipes::{Options, mutex};
/// # use dockeeper_zk_client::Client;
/// # use std::time::Duration;
/// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
/// let limit = Duration::from_secs(10);
/// let options = Options::default();
/// let acquiring = mutex::acquire(client, "/locks/backup", &options);
/// let held = tokio::time::timeout(limit, acquiring).await??;
/// println!("fencing token: {}", held.token());
/// held.release().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// See [`Error`].
pub async fn acquire(client: &Client, path: &str, options: &Options) -> Result<Held, Error> {
    let line = Line::mutex(options.naming);
    contest::acquire(client, path, Role::Lock, line, options).await
}
