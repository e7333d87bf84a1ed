//! A tree as text: two trees that hold the same give the same.

use super::{NodeId, Tree};
use std::fmt::{self, Write};

// === impl Tree ===

impl Tree {
    /// Writes every znode with all that is known of it, parents before children and children by
    /// name. Says so when an index does not fit the znodes.
    pub(crate) fn dump(&self, out: &mut String) -> fmt::Result {
        let mut ephemerals = 0;
        let mut mortals = 0;
        let mut data_len = 0;
        let mut paths_len = 0;
        let mut line = vec![NodeId::ROOT];
        while let Some(id) = line.pop() {
            self.dump_node(id, out)?;
            let node = &self.nodes[id];
            let owner = node.owner();
            let is_owned = self.ephemerals(owner.session).any(|owned| owned == id);
            ephemerals += usize::from(node.is_ephemeral() && is_owned);
            mortals += usize::from(self.mortals.contains(&id));
            data_len += node.data_len() as u64;
            paths_len += self.path_len(id);
            let mut children: Vec<_> = self.children(id).collect();
            children.sort_by_key(|id| std::cmp::Reverse(self.nodes[*id].name()));
            line.extend(children);
        }
        let is_sound = ephemerals == self.ephemerals_len()
            && mortals == self.mortals.len()
            && data_len == self.data_len
            && paths_len == self.paths_len
            && !self.journal.is_open();
        writeln!(out, "sound: {is_sound}")
    }

    fn dump_node(&self, id: NodeId, out: &mut String) -> fmt::Result {
        let node = &self.nodes[id];
        let (path, owner, acl) = (self.path(id), node.owner(), self.acl(id));
        write!(out, "{path:?} {:?} {owner:?} {acl:?} ", node.stat())?;
        match node.data() {
            Some(data) => writeln!(out, "{}", data.escape_ascii()),
            None => writeln!(out, "null"),
        }
    }
}
