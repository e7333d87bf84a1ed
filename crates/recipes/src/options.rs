use crate::naming::Naming;
use bytes::Bytes;
use dockeeper_zk_client::Acl;

/// How something is contended for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whose names the contenders' znodes have: the same for all who contend.
    pub naming: Naming,
    /// What the contender's znode says of it. Curator and kazoo show it, and give it no meaning but
    /// in an election, where Curator takes it for the candidate's id.
    pub data: Bytes,
    /// The access control list of its znode; `None` for that of the client's configuration.
    pub acl: Option<Vec<Acl>>,
    /// Whether to wait at all where somebody else comes first. Of a semaphore's contenders one at a
    /// time looks for a permit, so who does not wait may be refused where another one looks just now.
    pub wait: bool,
}

// === impl Options ===

impl Default for Options {
    fn default() -> Self {
        Self {
            naming: Naming::default(),
            data: Bytes::new(),
            acl: None,
            wait: true,
        }
    }
}
