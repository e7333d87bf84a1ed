//! What an event does to the watches.

use super::{Watches, kinds::Kinds};
use crate::ConnId;
use dockeeper_zk_proto::{path::ancestors, watch::EventType};

// === impl Watches ===

impl Watches {
    /// Appends the connections that an event on a path concerns to `sink`, each once, and takes
    /// the one-shot watches that it fires out.
    ///
    /// Recursive watches hear of the znodes below theirs too, and never of changed children: they
    /// hear of the children themselves.
    pub fn fire(&mut self, event: EventType, path: &str, sink: &mut Vec<ConnId>) {
        self.events += 1;
        // Only a recursive watch can make a connection match on two paths.
        let number = (self.recursive > 0).then_some(self.events);
        if let Some(spot) = self.table.spot_id(path) {
            let kinds = Kinds::fired_by(event);
            self.count -= self.table.fire(spot, kinds, number, sink);
        }
        if self.recursive == 0 || !Kinds::fired_by(event).intersects(Kinds::RECURSIVE) {
            return;
        }
        for ancestor in ancestors(path).skip(1) {
            if let Some(spot) = self.table.spot_id(ancestor) {
                self.table.fire(spot, Kinds::RECURSIVE, number, sink);
            }
        }
    }
}
