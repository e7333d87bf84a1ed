use super::Client;
use crate::{
    error::{Error, ErrorKind, NotSent},
    multi::{Multi, MultiResult},
    version::to_wire,
};
use bytes::Bytes;
use dockeeper_zk_proto::{
    ErrorCode, Stat,
    acl::Acl,
    create::{CreateMode, CreateRequest},
    data::{DeleteRequest, SetDataRequest},
    path,
};

/// How often a path is gone through from its end to its beginning and back.
const CREATE_ALL_ROUNDS: usize = 4;

/// A znode that was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its path, with the digits that the server appended.
    pub path: String,
    /// Its metadata.
    pub stat: Stat,
}

impl Client {
    /// Creates a znode with the access control list of the client's configuration.
    pub async fn create(
        &self,
        path: &str,
        data: impl Into<Bytes>,
        mode: CreateMode,
    ) -> Result<Created, Error> {
        self.create_with_acl(path, data, mode, self.requests.acl())
            .await
    }

    /// Creates a znode.
    pub async fn create_with_acl(
        &self,
        path: &str,
        data: impl Into<Bytes>,
        mode: CreateMode,
        acl: Vec<Acl>,
    ) -> Result<Created, Error> {
        let request = CreateRequest {
            path: self.new_path(path, mode)?,
            data: Some(data.into()),
            acl,
            flags: mode.to_wire(),
        };
        let reply = self.requests.write(path, &request).await?;
        Ok(Created {
            path: self.client_path(reply.path),
            stat: reply.stat,
        })
    }

    /// Creates a path's missing znodes, without data, from the root down. Those that are there
    /// stay as they are.
    pub async fn create_all(&self, path: &str, mode: CreateMode) -> Result<(), Error> {
        let chain: Vec<_> = path::ancestors(path).filter(|p| *p != "/").collect();
        // Most of the time the parent is there: begin at the end, and go up only where needed.
        // The bound is for a parent that somebody else deletes again and again.
        let mut depth = 0;
        for _ in 0..=chain.len() * CREATE_ALL_ROUNDS {
            let Some(next) = chain.get(depth) else {
                return Ok(());
            };
            match self.create(next, "", mode).await {
                Err(error) if error.is(ErrorCode::NoNode) && depth + 1 < chain.len() => depth += 1,
                Err(error) if !error.is(ErrorCode::NodeExists) => return Err(error),
                _ if depth == 0 => return Ok(()),
                _ => depth -= 1,
            }
        }
        Err(Error::new("create", path, ErrorCode::NoNode))
    }

    /// Deletes a znode, if it has the given version.
    pub async fn delete(&self, path: &str, version: Option<i32>) -> Result<(), Error> {
        let request = DeleteRequest {
            path: self.requests.server_path("delete", path)?,
            version: to_wire(version),
        };
        self.requests.write(path, &request).await
    }

    /// Replaces a znode's data, if it has the given version.
    pub async fn set(
        &self,
        path: &str,
        data: impl Into<Bytes>,
        version: Option<i32>,
    ) -> Result<Stat, Error> {
        let request = SetDataRequest {
            path: self.requests.server_path("set", path)?,
            data: Some(data.into()),
            version: to_wire(version),
        };
        let reply = self.requests.write(path, &request).await?;
        Ok(reply.stat)
    }

    /// Carries out several writes and checks, all of them or none. The error names the one that
    /// failed.
    pub async fn multi(&self, multi: Multi) -> Result<Vec<MultiResult>, Error> {
        // What concerns the whole is told of the first operation's znode.
        let first = multi.first_path().unwrap_or("/").to_owned();
        let request = multi.into_request(&self.requests.acl(), self.requests.chroot())?;
        let reply = self.requests.write(&first, &request).await?;
        let results = reply.results.into_iter().zip(&request.ops);
        let client_path = |path: &str| self.client_path(path.to_owned());
        if let Some((code, op)) = MultiResult::failure(results.clone()) {
            let kind = ErrorKind::Refused(code);
            return Err(Error::new("multi", client_path(op.path()), kind));
        }
        Ok(results
            .map(|(result, _)| MultiResult::new(result, client_path))
            .collect())
    }

    fn new_path(&self, path: &str, mode: CreateMode) -> Result<String, Error> {
        if mode.has_ttl() {
            return Err(Error::new("create", path, NotSent::Ttl));
        }
        if !mode.is_sequential() {
            return self.requests.server_path("create", path);
        }
        path::validate_sequential(path).map_err(|why| Error::new("create", path, why))?;
        Ok(self.requests.chroot().to_server(path))
    }

    fn client_path(&self, path: String) -> String {
        match self.requests.chroot().to_client(&path) {
            Some(inside) => inside.to_owned(),
            None => path,
        }
    }
}
