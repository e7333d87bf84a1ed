use crate::event::{Event, EventKind, Mailbox};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Who waits for one event of a znode.
#[derive(Debug, Default)]
pub(super) struct OneShots {
    pub(super) data: Vec<oneshot::Sender<Event>>,
    pub(super) exist: Vec<oneshot::Sender<Event>>,
    pub(super) child: Vec<oneshot::Sender<Event>>,
}

/// Who holds a persistent watch on a znode.
#[derive(Debug)]
pub(super) struct Persistent {
    pub(super) is_recursive: bool,
    /// Whether the server has armed the recursive watch.
    pub(super) tells_all: bool,
    pub(super) holders: Vec<Holder>,
}

#[derive(Debug)]
pub(super) struct Holder {
    pub(super) is_recursive: bool,
    pub(super) mailbox: Arc<Mailbox>,
}

// === impl Persistent ===

impl Persistent {
    pub(super) fn prune(&mut self) {
        self.holders.retain(|h| !h.mailbox.is_abandoned());
    }
}

// === impl OneShots ===

impl OneShots {
    pub(super) fn fire(&mut self, event: &Event) {
        let lists: &mut [&mut Vec<_>] = match event.kind {
            EventKind::Created | EventKind::DataChanged => &mut [&mut self.data, &mut self.exist],
            EventKind::Deleted => &mut [&mut self.data, &mut self.exist, &mut self.child],
            EventKind::ChildrenChanged => &mut [&mut self.child],
        };
        for fire in lists.iter_mut().flat_map(|list| list.drain(..)) {
            drop(fire.send(event.clone()));
        }
    }

    pub(super) fn prune(&mut self) {
        for list in [&mut self.data, &mut self.exist, &mut self.child] {
            list.retain(|fire| !fire.is_closed());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.data.is_empty() && self.exist.is_empty() && self.child.is_empty()
    }
}

/// Adds a watch, and forgets those of its list that nobody waits for: asking again and again for
/// the same path must not grow the list.
pub(super) fn add(list: &mut Vec<oneshot::Sender<Event>>, fire: oneshot::Sender<Event>) {
    list.retain(|fire| !fire.is_closed());
    list.push(fire);
}
