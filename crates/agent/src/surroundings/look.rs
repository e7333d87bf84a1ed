use bytes::Bytes;
use dockeeper_zk_client::{Client, Ended, Error, ErrorCode, OneShot, Stat};
use futures_util::future::select_all;

/// A look at several znodes, which tells when one of them is not any more as it was seen.
pub(super) struct Look<'a> {
    client: &'a Client,
    watches: Vec<OneShot>,
}

// === impl Look ===

impl<'a> Look<'a> {
    pub(super) fn new(client: &'a Client) -> Self {
        Self {
            client,
            watches: Vec::new(),
        }
    }

    /// A znode's data; `None` when it is not there.
    pub(super) async fn get(&mut self, path: &str) -> Result<Option<(Bytes, Stat)>, Error> {
        loop {
            match self.client.get_and_watch(path).await {
                Ok((data, stat, watch)) => {
                    self.watches.push(watch);
                    return Ok(Some((data, stat)));
                }
                Err(error) if error.is(ErrorCode::NoNode) => {}
                Err(error) => return Err(error),
            }
            if self.is_absent(path).await? {
                return Ok(None);
            }
        }
    }

    /// The names of a znode's children: none when it is not there.
    pub(super) async fn children(&mut self, path: &str) -> Result<Vec<String>, Error> {
        loop {
            match self.client.list_and_watch(path).await {
                Ok((names, _, watch)) => {
                    self.watches.push(watch);
                    return Ok(names);
                }
                Err(error) if error.is(ErrorCode::NoNode) => {}
                Err(error) => return Err(error),
            }
            if self.is_absent(path).await? {
                return Ok(Vec::new());
            }
        }
    }

    /// Waits until something of it has changed.
    pub(super) async fn changed(self) -> Result<(), Ended> {
        let fired = self
            .watches
            .into_iter()
            .map(|watch| Box::pin(watch.fired()));
        select_all(fired).await.0.map(drop)
    }

    async fn is_absent(&mut self, path: &str) -> Result<bool, Error> {
        let (stat, watch) = self.client.exists_and_watch(path).await?;
        if stat.is_none() {
            self.watches.push(watch);
        }
        Ok(stat.is_none())
    }
}
