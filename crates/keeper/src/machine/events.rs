//! Watch events.

use super::{Effects, Machine, answer::send};
use crate::{
    acl,
    tree::{AclList, NodeId},
};
use dockeeper_zk_proto::{
    Record,
    acl::{Acl, perms},
    header::{ReplyHeader, xid},
    path,
    watch::{EventType, WatcherEvent},
};

/// A header's zxid in an event: before 3.9 events do not tell theirs.
const EVENT_ZXID: i64 = -1;

/// The connection's state in an event: connected.
const STATE_CONNECTED: i32 = 3;

/// Who may hear of what happens to a znode: the access control lists as they are at that moment.
#[derive(Debug)]
pub(super) struct Witnesses {
    node: AclList,
    parent: AclList,
}

// === impl Machine ===

impl Machine {
    /// Who may hear of a znode; `None` while nobody watches anything.
    pub(super) fn witnesses(&self, id: NodeId) -> Option<Witnesses> {
        (self.watches.count() > 0).then(|| Witnesses {
            node: self.tree.acl_list(id),
            parent: self.tree.acl_list(self.tree.parent(id)),
        })
    }

    pub(super) fn fire_created(
        &mut self,
        path: &str,
        witnesses: Option<Witnesses>,
        zxid: i64,
        effects: &mut Effects,
    ) {
        self.fire_both(EventType::NodeCreated, path, witnesses, zxid, effects);
    }

    pub(super) fn fire_deleted(
        &mut self,
        path: &str,
        witnesses: Option<Witnesses>,
        zxid: i64,
        effects: &mut Effects,
    ) {
        self.fire_both(EventType::NodeDeleted, path, witnesses, zxid, effects);
    }

    pub(super) fn fire_data_changed(
        &mut self,
        path: &str,
        witnesses: Option<Witnesses>,
        zxid: i64,
        effects: &mut Effects,
    ) {
        if let Some(witnesses) = witnesses {
            let kind = EventType::NodeDataChanged;
            self.fire(kind, path, &witnesses.node, zxid, effects);
        }
    }

    /// What happened to a znode, and then what that is to its parent.
    fn fire_both(
        &mut self,
        kind: EventType,
        path: &str,
        witnesses: Option<Witnesses>,
        zxid: i64,
        effects: &mut Effects,
    ) {
        let Some(witnesses) = witnesses else {
            return;
        };
        self.fire(kind, path, &witnesses.node, zxid, effects);
        if let Some(parent) = path::parent(path) {
            let kind = EventType::NodeChildrenChanged;
            self.fire(kind, parent, &witnesses.parent, zxid, effects);
        }
    }

    /// Sends an event to the connections that watch for it and may read the znode. A one-shot
    /// watch is gone either way.
    fn fire(&mut self, kind: EventType, path: &str, acl: &[Acl], zxid: i64, effects: &mut Effects) {
        let mut sink = std::mem::take(&mut self.sink);
        sink.clear();
        self.watches.fire(kind, path, &mut sink);
        sink.retain(|conn| {
            let connection = self.connections.get(conn);
            connection.is_some_and(|connection| acl::check(acl, perms::READ, &connection.ids))
        });
        if !sink.is_empty()
            && let Some(frame) = self.event(kind, path)
        {
            for conn in &sink {
                send(*conn, zxid, frame.clone(), effects);
            }
        }
        self.sink = sink;
    }

    /// An event's frame.
    pub(super) fn event(&mut self, kind: EventType, path: &str) -> Option<bytes::Bytes> {
        let header = ReplyHeader {
            xid: xid::EVENT,
            zxid: EVENT_ZXID,
            err: 0,
        };
        let event = WatcherEvent {
            kind,
            state: STATE_CONNECTED,
            path: path.to_owned(),
        };
        self.frames.reply(header, |out| event.encode(out))
    }
}
