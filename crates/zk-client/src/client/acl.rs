use super::Client;
use crate::{config::Credentials, error::Error, task::Order, version::to_wire};
use bytes::Bytes;
use dockeeper_zk_proto::{
    Stat,
    acl::{Acl, GetAclRequest, Id, SetAclRequest},
    session::WhoAmIRequest,
};

impl Client {
    /// A znode's access control list and metadata.
    pub async fn get_acl(&self, path: &str) -> Result<(Vec<Acl>, Stat), Error> {
        let request = GetAclRequest {
            path: self.requests.server_path("get ACL", path)?,
        };
        let reply = self.requests.read(path, None, &request).await?;
        Ok((reply.acl, reply.stat))
    }

    /// Replaces a znode's access control list, if it has the given `aversion`.
    pub async fn set_acl(
        &self,
        path: &str,
        acl: Vec<Acl>,
        aversion: Option<i32>,
    ) -> Result<Stat, Error> {
        let request = SetAclRequest {
            path: self.requests.server_path("set ACL", path)?,
            acl,
            version: to_wire(aversion),
        };
        let reply = self.requests.write(path, &request).await?;
        Ok(reply.stat)
    }

    /// Who the server takes the session for, without secrets: of a digest, only the user. Needs a
    /// server of version 3.7.
    pub async fn who_am_i(&self) -> Result<Vec<Id>, Error> {
        let reply = self.requests.read("/", None, &WhoAmIRequest).await?;
        Ok(reply.ids)
    }

    /// Acts for somebody more from now on, on this connection and all later ones. A server that
    /// refuses the credentials ends the session for this client: its state says so.
    pub async fn authenticate(&self, scheme: &str, auth: impl Into<Bytes>) {
        let credentials = Credentials {
            scheme: scheme.to_owned(),
            auth: auth.into(),
        };
        self.order(Order::Authenticate(credentials)).await;
    }
}
