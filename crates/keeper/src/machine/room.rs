//! Whether the log takes one more entry.

use super::{Machine, Now};
use crate::{Entry, Room, Txn};
use dockeeper_zk_proto::{ErrorCode, acl::Acl};

/// What is kept for the begin and end of sessions, in bytes of the log: enough to end every session
/// of a busy server, which is what frees what they hold.
const SESSION_RESERVE: u64 = 4 * 1024 * 1024;

/// What an entry takes beside its variable parts, at most: its fields, lengths and tags, and the
/// log's own length before it.
const FIXED_LEN: u64 = 64;

// === impl Machine ===

impl Machine {
    /// Takes room for a client's write.
    pub(super) fn take_room(&mut self, txn: &Txn) -> Result<(), ErrorCode> {
        self.take(FIXED_LEN + len(txn), SESSION_RESERVE)
    }

    /// Takes room for the begin or end of a session, or a deletion of the server's own.
    pub(super) fn take_reserved_room(&mut self, txn: &Txn) -> Result<(), ErrorCode> {
        self.take(FIXED_LEN + len(txn), 0)
    }

    fn take(&mut self, len: u64, reserve: u64) -> Result<(), ErrorCode> {
        let Room::Bytes(left) = &mut self.room else {
            return Ok(());
        };
        match left.checked_sub(len) {
            Some(after) if after >= reserve => {
                *left = after;
                Ok(())
            }
            _ => Err(ErrorCode::SystemError),
        }
    }

    /// The number that the next entry has.
    pub(super) fn next_zxid(&self) -> i64 {
        self.last_zxid + 1
    }

    /// Makes the entry of a transaction that is about to be applied.
    pub(super) fn enter(&mut self, session: i64, txn: Txn, now: Now) -> Entry {
        let entry = Entry {
            zxid: self.next_zxid(),
            time_ms: now.wall_ms,
            session,
            txn,
        };
        self.advance(&entry);
        entry
    }

    /// An entry has been made.
    pub(super) fn advance(&mut self, entry: &Entry) {
        self.last_zxid = entry.zxid;
    }
}

/// How long a transaction is in the log, at most.
fn len(txn: &Txn) -> u64 {
    let len = match txn {
        Txn::CreateSession { .. } | Txn::CloseSession => 0,
        Txn::Create {
            path, data, acl, ..
        } => path.len() + data.as_ref().map_or(0, bytes::Bytes::len) + acl_len(acl),
        Txn::Delete { path } => path.len(),
        Txn::SetData { path, data } => path.len() + data.as_ref().map_or(0, bytes::Bytes::len),
        Txn::SetAcl { path, acl } => path.len() + acl_len(acl),
        Txn::Multi(txns) => return txns.iter().map(|txn| FIXED_LEN + len(txn)).sum(),
    };
    len as u64
}

fn acl_len(acl: &[Acl]) -> usize {
    let entry = |entry: &Acl| 12 + entry.id.scheme.len() + entry.id.id.len();
    acl.iter().map(entry).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NodeKind;
    use bytes::Bytes;
    use dockeeper_zk_proto::Record;

    #[test]
    fn no_entry_is_longer_than_thought() {
        let create = Txn::Create {
            path: "/a".to_owned(),
            data: Some(Bytes::from_static(b"data")),
            acl: Acl::creator_all(),
            kind: NodeKind::Ttl(5),
        };
        let set_acl = Txn::SetAcl {
            path: "/a".to_owned(),
            acl: Acl::open(),
        };
        for txn in [
            Txn::CreateSession { timeout_ms: 1 },
            Txn::CloseSession,
            create.clone(),
            set_acl.clone(),
            Txn::Multi(vec![create, set_acl]),
        ] {
            let thought = FIXED_LEN + len(&txn);
            let entry = Entry {
                zxid: 1,
                time_ms: 2,
                session: 3,
                txn,
            };
            assert!(entry.to_bytes().len() as u64 + 4 <= thought, "{entry:?}");
        }
    }
}
