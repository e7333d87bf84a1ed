//! A read-write lock: many readers, or one writer. Curator's `InterProcessReadWriteLock`, kazoo's
//! `ReadLock` and `WriteLock`.
//!
//! Everybody is served in the order in which they came: a reader waits for the writers before it,
//! also for those that wait, so that readers do not starve them.
//!
//! ```no_run
//! # use dockeeper_recipes::{Options, rwlock};
//! # use dockeeper_zk_client::Client;
//! # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
//! let options = Options::default();
//! let reading = rwlock::acquire_shared(client, "/locks/report", &options).await?;
//! // Others read at the same time; who would write waits.
//! reading.release().await?;
//! let writing = rwlock::acquire_exclusive(client, "/locks/report", &options).await?;
//! writing.release().await?;
//! # Ok(())
//! # }
//! ```

use crate::{Error, Held, Options, contest, line::Line, naming::Role};
use dockeeper_zk_client::Client;

/// Waits until no writer is before it, without a limit of its own. May be cancelled at any time.
///
/// # Errors
///
/// See [`Error`].
pub async fn acquire_shared(client: &Client, path: &str, options: &Options) -> Result<Held, Error> {
    acquire(client, path, Role::Read, options).await
}

/// Waits until nobody is before it, without a limit of its own. May be cancelled at any time.
///
/// # Errors
///
/// See [`Error`].
pub async fn acquire_exclusive(
    client: &Client,
    path: &str,
    options: &Options,
) -> Result<Held, Error> {
    acquire(client, path, Role::Write, options).await
}

async fn acquire(
    client: &Client,
    path: &str,
    role: Role,
    options: &Options,
) -> Result<Held, Error> {
    let line = Line::read_write(options.naming);
    contest::acquire(client, path, role, line, options).await
}
