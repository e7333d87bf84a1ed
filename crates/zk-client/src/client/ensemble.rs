use super::Client;
use crate::error::Error;
use bytes::Bytes;
use dockeeper_zk_proto::{
    Stat,
    data::GetDataRequest,
    reconfig::{CONFIG_PATH, ReconfigRequest},
};

/// What an error shows where a request concerns no znode.
const NO_PATH: &str = "of the ensemble";

/// What changes in an ensemble. Servers are lines of `zoo.cfg`, such as
/// `server.4=zk4:2888:3888;2181`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconfig {
    /// Servers to add or to change.
    pub joining: Vec<String>,
    /// The numbers of servers to remove.
    pub leaving: Vec<u64>,
    /// All servers of the new ensemble, in place of what changes.
    pub members: Vec<String>,
    /// The version that the configuration must have; `None` for any.
    pub from_config: Option<i64>,
}

impl Client {
    /// The ensemble's own configuration, in lines of `zoo.cfg`, and its metadata. It lies outside
    /// of any chroot. A lone server has an empty one.
    pub async fn ensemble_config(&self) -> Result<(Bytes, Stat), Error> {
        let request = GetDataRequest {
            path: CONFIG_PATH.to_owned(),
            watch: false,
        };
        let reply = self.requests.read(CONFIG_PATH, None, &request).await?;
        Ok((reply.data.unwrap_or_default(), reply.stat))
    }

    /// Changes which servers the ensemble consists of; returns the new configuration. A server
    /// allows it with `reconfigEnabled`, to those who may write `/zookeeper/config`.
    pub async fn reconfig(&self, change: &Reconfig) -> Result<(Bytes, Stat), Error> {
        let leaving: Vec<_> = change.leaving.iter().map(u64::to_string).collect();
        let request = ReconfigRequest {
            joining: joined(&change.joining),
            leaving: joined(&leaving),
            members: joined(&change.members),
            from_config: change.from_config.unwrap_or(-1),
        };
        let reply = self.requests.write(NO_PATH, &request).await?;
        Ok((reply.data.unwrap_or_default(), reply.stat))
    }
}

/// The server tells an empty list from none.
fn joined(items: &[String]) -> Option<String> {
    (!items.is_empty()).then(|| items.join(","))
}
