//! Reads znodes, and the records in them.

use super::{Error, Store, retry::patiently};
use bytes::Bytes;
use dockeeper_model::{
    Foreign,
    config::{App, AppName},
    decode, layout,
};
use dockeeper_zk_client::{ErrorCode, Stat};
use serde::de::DeserializeOwned;

// === impl Store ===

impl Store {
    /// An app's settings, with their version; those of an app that has none, or none yet.
    pub(super) async fn settings(&self, app: &AppName) -> Result<Option<(App, i32)>, Error> {
        let path = layout::app(app);
        match self.get(&path).await? {
            None => Ok(None),
            // As somebody else's tool makes parents.
            Some((content, stat)) if content.is_empty() => Ok(Some((App::default(), stat.version))),
            Some((content, stat)) => {
                let settings = decode(&content).map_err(|why| foreign(&path, why))?;
                Ok(Some((settings, stat.version)))
            }
        }
    }

    /// A znode's record; `None` when there is no such znode.
    pub(super) async fn record<T>(&self, path: &str) -> Result<Option<(T, Stat)>, Error>
    where
        T: DeserializeOwned,
    {
        let Some((content, stat)) = self.get(path).await? else {
            return Ok(None);
        };
        let record = decode(&content).map_err(|why| foreign(path, why))?;
        Ok(Some((record, stat)))
    }

    /// A znode's content; `None` when there is no such znode.
    pub(super) async fn get(&self, path: &str) -> Result<Option<(Bytes, Stat)>, Error> {
        match patiently(|| self.client.get(path)).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is(ErrorCode::NoNode) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The names below a znode; none when there is no such znode.
    pub(super) async fn list(&self, path: &str) -> Result<Vec<String>, Error> {
        match patiently(|| self.client.list(path)).await {
            Ok((names, _)) => Ok(names),
            Err(error) if error.is(ErrorCode::NoNode) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }
}

fn foreign(path: &str, why: Foreign) -> Error {
    Error::Foreign {
        path: path.to_owned(),
        why,
    }
}
