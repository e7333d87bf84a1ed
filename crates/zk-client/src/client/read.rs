use super::Client;
use crate::{
    error::{Error, Unknown},
    multi_read::{MultiRead, ReadResult},
};
use bytes::Bytes;
use dockeeper_zk_proto::{
    DecodeError, ErrorCode, Stat,
    data::{
        ExistsRequest, GetAllChildrenNumberRequest, GetChildren2Request, GetDataRequest,
        SyncRequest,
    },
    session::GetEphemeralsRequest,
};

impl Client {
    /// A znode's metadata; `None` when there is no such znode.
    pub async fn exists(&self, path: &str) -> Result<Option<Stat>, Error> {
        let request = ExistsRequest {
            path: self.requests.server_path("exists", path)?,
            watch: false,
        };
        let reply = self.requests.read(path, None, &request).await;
        some_unless_missing(reply.map(|reply| reply.stat))
    }

    /// A znode's data and metadata. A znode without data has empty data.
    pub async fn get(&self, path: &str) -> Result<(Bytes, Stat), Error> {
        let request = GetDataRequest {
            path: self.requests.server_path("get", path)?,
            watch: false,
        };
        let reply = self.requests.read(path, None, &request).await?;
        Ok((reply.data.unwrap_or_default(), reply.stat))
    }

    /// The names of a znode's children, in no order, and its metadata.
    pub async fn list(&self, path: &str) -> Result<(Vec<String>, Stat), Error> {
        let request = GetChildren2Request {
            path: self.requests.server_path("list", path)?,
            watch: false,
        };
        let reply = self.requests.read(path, None, &request).await?;
        Ok((reply.children, reply.stat))
    }

    /// How many znodes lie below a path, at any depth. The server goes through its
    /// whole tree for it. Needs a server of version 3.6.
    pub async fn count_descendants(&self, path: &str) -> Result<u32, Error> {
        let request = GetAllChildrenNumberRequest {
            path: self.requests.server_path("count children", path)?,
        };
        let reply = self.requests.read(path, None, &request).await?;
        Ok(u32::try_from(reply.total).unwrap_or(0))
    }

    /// Carries out several reads in one request. The results stand in the order of the reads.
    /// Needs a server of version 3.6.
    ///
    /// ```no_run
    /// # use dockeeper_zk_client::{Client, Error, MultiRead, ReadResult};
    /// # async fn example(client: &Client) -> Result<(), Error> {
    /// for result in client.multi_read(MultiRead::new().get("/a").list("/b")).await? {
    ///     match result {
    ///         Ok(ReadResult::Data(data, stat)) => println!("{data:?}, version {}", stat.version),
    ///         Ok(ReadResult::Children(names)) => println!("{names:?}"),
    ///         Err(error) => println!("{error}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn multi_read(
        &self,
        reads: MultiRead,
    ) -> Result<Vec<Result<ReadResult, Error>>, Error> {
        let paths = reads.paths();
        // What concerns the whole is told of the first znode.
        let first = paths.first().map_or("/", String::as_str);
        let request = reads.into_request(self.requests.chroot())?;
        let reply = self.requests.read(first, None, &request).await?;
        let malformed = || {
            let why = DecodeError::Value {
                what: "a result of a multi read",
                value: -1,
            };
            Error::new("multi read", first, Unknown::Malformed(why)).of_read()
        };
        if reply.results.len() != paths.len() {
            return Err(malformed());
        }
        let results = reply.results.into_iter().zip(&paths);
        results
            .map(|(result, path)| ReadResult::new(result, path).ok_or_else(malformed))
            .collect()
    }

    /// Waits until the server has caught up with the leader: a read behind it sees every write
    /// that was acknowledged before it.
    pub async fn sync(&self, path: &str) -> Result<(), Error> {
        let request = SyncRequest {
            path: self.requests.server_path("sync", path)?,
        };
        self.requests.read(path, None, &request).await.map(drop)
    }

    /// The paths of the session's ephemeral znodes at or below `path`, in no order. Needs a
    /// server of version 3.6.
    pub async fn ephemerals(&self, path: &str) -> Result<Vec<String>, Error> {
        let request = GetEphemeralsRequest {
            prefix: self.requests.server_path("get ephemerals", path)?,
        };
        let reply = self.requests.read(path, None, &request).await?;
        let chroot = self.requests.chroot();
        // The server matches the beginning of the text: `/a` finds `/ab` too.
        let is_below = |found: &&str| dockeeper_zk_proto::path::is_within(found, path);
        let paths = reply.paths.iter().filter_map(|path| chroot.to_client(path));
        Ok(paths.filter(is_below).map(str::to_owned).collect())
    }
}

/// What a read of existence makes of a missing znode.
pub(super) fn some_unless_missing<T>(reply: Result<T, Error>) -> Result<Option<T>, Error> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(error) if error.is(ErrorCode::NoNode) => Ok(None),
        Err(error) => Err(error),
    }
}
