//! What the machine knows of a connection.

use super::{ConnId, Peer};
use crate::acl::ip_id;
use dockeeper_zk_proto::acl::Id;
use std::sync::Arc;

/// A connection that has a session.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) session: i64,
    /// The time-out that was granted here.
    pub(super) timeout_ms: i32,
    pub(super) peer: Peer,
    /// Who it acts for. Shared with the request under way.
    pub(super) ids: Arc<[Id]>,
    /// The largest transaction that a reply's header has named: it never goes back.
    pub(super) sent_zxid: i64,
}

/// Where a request comes from.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) conn: ConnId,
    pub(super) session: i64,
    pub(super) ids: Arc<[Id]>,
    /// The client's number for the request.
    pub(super) xid: i32,
}

// === impl Connection ===

impl Connection {
    pub(super) fn new(session: i64, timeout_ms: i32, peer: Peer) -> Self {
        Self {
            session,
            timeout_ms,
            ids: ids_of(&peer),
            peer,
            sent_zxid: 0,
        }
    }

    /// Adds identities, each once.
    pub(super) fn add_ids(&mut self, ids: Vec<Id>) {
        let mut all = self.ids.to_vec();
        for id in ids {
            if !all.contains(&id) {
                all.push(id);
            }
        }
        self.ids = all.into();
    }
}

/// Who a connection is before it has sent credentials: its address, and whom its certificate names.
fn ids_of(peer: &Peer) -> Arc<[Id]> {
    let x509 = peer.x509.iter().map(|name| Id {
        scheme: "x509".to_owned(),
        id: name.clone(),
    });
    std::iter::once(ip_id(peer.ip)).chain(x509).collect()
}
