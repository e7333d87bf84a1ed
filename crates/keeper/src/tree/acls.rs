//! Access control lists: znodes that have the same one share it.

use dockeeper_zk_proto::acl::{Acl, perms};
use std::{collections::HashMap, sync::Arc};

/// A list that somebody holds while the table may change.
pub(crate) type AclList = Arc<[Acl]>;

/// A list in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AclId(pub(super) u32);

/// Every list that a znode has.
#[derive(Debug)]
pub(super) struct Acls {
    /// With how many znodes have it. Nobody has a free one.
    lists: Vec<(AclList, u32)>,
    ids: HashMap<AclList, AclId>,
    free: Vec<AclId>,
}

// === impl AclId ===

impl AclId {
    /// Everything to everybody: the list of nearly all znodes. Never free.
    pub(super) const OPEN: Self = Self(0);
}

// === impl Acls ===

impl Acls {
    pub(super) fn new() -> Self {
        let open = AclList::from(Acl::open());
        Self {
            ids: HashMap::from([(open.clone(), AclId::OPEN)]),
            lists: vec![(open, 1)],
            free: Vec::new(),
        }
    }

    pub(super) fn get(&self, id: AclId) -> &AclList {
        &self.lists[id.0 as usize].0
    }

    /// One more znode has this list.
    pub(super) fn acquire(&mut self, acl: &[Acl]) -> AclId {
        if is_open(acl) {
            return AclId::OPEN;
        }
        if let Some(id) = self.ids.get(acl) {
            self.lists[id.0 as usize].1 += 1;
            return *id;
        }
        let list = AclList::from(acl);
        let id = match self.free.pop() {
            Some(id) => {
                self.lists[id.0 as usize] = (list.clone(), 1);
                id
            }
            None => {
                self.lists.push((list.clone(), 1));
                AclId(u32::try_from(self.lists.len() - 1).unwrap_or(u32::MAX))
            }
        };
        self.ids.insert(list, id);
        id
    }

    /// One more znode has this list, which somebody has already.
    pub(super) fn share(&mut self, id: AclId) {
        if id != AclId::OPEN {
            self.lists[id.0 as usize].1 += 1;
        }
    }

    /// One znode less has this list.
    pub(super) fn release(&mut self, id: AclId) {
        if id == AclId::OPEN {
            return;
        }
        let (list, count) = &mut self.lists[id.0 as usize];
        *count -= 1;
        if *count == 0 {
            let list = std::mem::replace(list, AclList::from([]));
            self.ids.remove(&list);
            self.free.push(id);
        }
    }
}

fn is_open(acl: &[Acl]) -> bool {
    matches!(acl, [Acl { perms: perms::ALL, id }] if id.scheme == "world" && id.id == "anyone")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_shared_and_forgotten() {
        let mut acls = Acls::new();
        assert_eq!(acls.acquire(&Acl::open()), AclId::OPEN);
        let first = acls.acquire(&Acl::read_only());
        assert_eq!(acls.acquire(&Acl::read_only()), first);
        acls.release(first);
        assert_eq!(acls.get(first)[..], Acl::read_only());
        acls.release(first);
        let other = [Acl::new(perms::READ, "ip", "127.0.0.1")];
        assert_eq!(acls.acquire(&other), first, "the number is used again");
        assert_ne!(acls.acquire(&Acl::read_only()), first);
        assert_eq!(acls.get(first)[..], other);
    }
}
