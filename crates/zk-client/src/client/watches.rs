use super::{Client, read::some_unless_missing, request::Manner};
use crate::{
    call::{Watch, WatchKind},
    error::Error,
    event::{Event, Interest, Mailbox, OneShot, Watcher},
};
use bytes::Bytes;
use dockeeper_zk_proto::{
    ErrorCode, Stat,
    data::{ExistsRequest, GetChildren2Request, GetDataRequest},
    watch::{AddWatchMode, AddWatchRequest, CheckWatchesRequest, WatcherType},
};
use std::sync::Arc;
use tokio::sync::oneshot;

impl Client {
    /// A znode's metadata, or `None`, and a watch that fires once when it is created, changed or
    /// deleted.
    pub async fn exists_and_watch(&self, path: &str) -> Result<(Option<Stat>, OneShot), Error> {
        let (server_path, watch, fired) = self.one_shot("exists", path, WatchKind::Exists)?;
        let request = ExistsRequest {
            path: server_path,
            watch: true,
        };
        let reply = self.requests.read(path, Some(watch), &request).await;
        let stat = some_unless_missing(reply.map(|reply| reply.stat))?;
        Ok((stat, fired))
    }

    /// A znode's data and metadata, and a watch that fires once when they change.
    pub async fn get_and_watch(&self, path: &str) -> Result<(Bytes, Stat, OneShot), Error> {
        let (server_path, watch, fired) = self.one_shot("get", path, WatchKind::Data)?;
        let request = GetDataRequest {
            path: server_path,
            watch: true,
        };
        let reply = self.requests.read(path, Some(watch), &request).await?;
        Ok((reply.data.unwrap_or_default(), reply.stat, fired))
    }

    /// The names of a znode's children, its metadata, and a watch that fires once when a child is
    /// created or deleted, or the znode itself is deleted.
    pub async fn list_and_watch(&self, path: &str) -> Result<(Vec<String>, Stat, OneShot), Error> {
        let (server_path, watch, fired) = self.one_shot("list", path, WatchKind::Children)?;
        let request = GetChildren2Request {
            path: server_path,
            watch: true,
        };
        let reply = self.requests.read(path, Some(watch), &request).await?;
        Ok((reply.children, reply.stat, fired))
    }

    /// A watch that stays until it is dropped; the znode need not be there yet. The first notice
    /// is a [`Resync`](crate::Notice::Resync). Needs a server of version 3.6.
    ///
    /// ```no_run
    /// # use dockeeper_zk_client::{AddWatchMode, Client, Error, Notice};
    /// # async fn example(client: &Client) -> Result<(), Error> {
    /// let mut watcher = client.watch("/jobs", AddWatchMode::PersistentRecursive).await?;
    /// while let Some(notice) = watcher.next().await {
    ///     match notice {
    ///         Notice::Event(event) => println!("{:?} {}", event.kind, event.path),
    ///         Notice::Resync => println!("read all of /jobs and compare"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn watch(&self, path: &str, mode: AddWatchMode) -> Result<Watcher, Error> {
        let server_path = self.requests.server_path("add watch", path)?;
        let mailbox = Arc::new(Mailbox::default());
        // Made first: dropped with this future, it takes the watch back.
        let watcher = Watcher::new(mailbox.clone(), self.interest(&server_path));
        let watch = Watch {
            path: server_path.clone(),
            kind: WatchKind::Persistent(mode, mailbox),
            is_riding: false,
        };
        let request = AddWatchRequest {
            path: server_path,
            mode,
        };
        let manner = Manner {
            path,
            is_repeatable: true,
            watch: Some(watch),
        };
        let reply = self.requests.send(manner, &request).await?;
        match ErrorCode::from_wire(reply.err) {
            None => Ok(watcher),
            Some(code) => Err(Error::new("add watch", path, code)),
        }
    }

    /// Whether the server holds a watch of this session on a znode, for one who doubts it: the
    /// client arms and removes watches by itself. A server before version 3.9 tells
    /// [`Children`](WatcherType::Children), [`Data`](WatcherType::Data) and
    /// [`Any`](WatcherType::Any) apart, and only those.
    pub async fn check_watches(&self, path: &str, kind: WatcherType) -> Result<bool, Error> {
        let request = CheckWatchesRequest {
            path: self.requests.server_path("check watches", path)?,
            kind,
        };
        match self.requests.read(path, None, &request).await {
            Ok(()) => Ok(true),
            Err(error) if error.is(ErrorCode::NoWatcher) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn one_shot(
        &self,
        operation: &'static str,
        path: &str,
        kind: impl FnOnce(oneshot::Sender<Event>) -> WatchKind,
    ) -> Result<(String, Watch, OneShot), Error> {
        let path = self.requests.server_path(operation, path)?;
        let (fire, fired) = OneShot::new(self.interest(&path), self.state.clone());
        let watch = Watch {
            path: path.clone(),
            kind: kind(fire),
            is_riding: false,
        };
        Ok((path, watch, fired))
    }

    fn interest(&self, server_path: &str) -> Interest {
        Interest::new(server_path, self.requests.abandoned())
    }
}
