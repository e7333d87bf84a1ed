use super::Client;
use crate::{
    error::{Error, ErrorKind},
    multi::{Multi, MultiResult},
    version::to_wire,
};
use bytes::Bytes;
use dockeeper_zk_proto::{
    Stat,
    data::{DeleteRequest, SetDataRequest},
};

impl Client {
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

    pub(super) fn client_path(&self, path: String) -> String {
        match self.requests.chroot().to_client(&path) {
            Some(inside) => inside.to_owned(),
            None => path,
        }
    }
}
