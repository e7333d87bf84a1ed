//! Cleaning up behind what was dropped.

use crate::patience::repeat;
use dockeeper_zk_client::{Client, Error, ErrorCode};
use std::{future::Future, mem, time::Duration};
use tokio::{runtime::Handle, time};

/// How long a clean-up is tried for. A session that has no server for as long has expired, and its
/// ephemeral znodes with it; a clean-up holds on to its client, and must not do so for ever.
const LIMIT: Duration = Duration::from_secs(600);

/// Where what a dropped value leaves to do is carried out: the runtime that made the value, as
/// values may be dropped outside of any.
#[derive(Clone, Debug)]
pub(crate) struct Background(Handle);

/// A znode of this session that nobody else creates, deleted when this is dropped.
#[derive(Debug)]
pub(crate) struct Scrap {
    client: Client,
    path: String,
    background: Background,
}

// === impl Background ===

impl Background {
    /// The runtime that this is called in.
    pub(crate) fn current() -> Self {
        Self(Handle::current())
    }

    /// Carries something out while others go on.
    pub(crate) fn run<T>(
        &self,
        what: &'static str,
        path: &str,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) {
        let path = path.to_owned();
        self.0.spawn(async move {
            match time::timeout(LIMIT, work).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) if error.is_session_over() => {}
                Ok(Err(error)) => tracing::warn!(path, %error, "cannot {what}"),
                Err(_) => tracing::warn!(path, "cannot {what}: not connected for {LIMIT:?}"),
            }
        });
    }
}

// === impl Scrap ===

impl Scrap {
    /// To be made before the znode is: a request that is dropped may take effect.
    pub(crate) fn new(client: &Client, path: String) -> Self {
        Self {
            client: client.clone(),
            path,
            background: Background::current(),
        }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

impl Drop for Scrap {
    fn drop(&mut self) {
        let (client, path) = (self.client.clone(), mem::take(&mut self.path));
        let shown = path.clone();
        let work = async move { delete(&client, &path).await };
        self.background.run("delete a znode", &shown, work);
    }
}

/// Deletes a znode that nobody else creates, unless it is gone.
pub(crate) async fn delete(client: &Client, path: &str) -> Result<(), Error> {
    match repeat(|| client.delete(path, None)).await {
        Err(error) if error.is(ErrorCode::NoNode) => Ok(()),
        deleted => deleted,
    }
}
