use dockeeper_engine::ContainerId;
use std::collections::{BTreeMap, BTreeSet};

/// Which container holds a znode that several want: an instance's id can be given by hand. The one
/// that has run longest holds it, so that a newcomer never takes it away.
#[derive(Debug, Default)]
pub(super) struct Claims {
    by_path: BTreeMap<String, BTreeSet<Claim>>,
    by_id: BTreeMap<ContainerId, BTreeSet<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    pub(super) started_at_ms: i64,
    pub(super) id: ContainerId,
}

// === impl Claims ===

impl Claims {
    /// Replaces all claims of a container. Returns the containers for which that changes who
    /// holds a znode.
    pub(super) fn replace(
        &mut self,
        claim: Claim,
        paths: BTreeSet<String>,
    ) -> BTreeSet<ContainerId> {
        let mut affected = BTreeSet::new();
        let before = self.by_id.remove(&claim.id).unwrap_or_default();
        for path in before.union(&paths) {
            let claims = self.by_path.entry(path.clone()).or_default();
            let held_by = claims.first().copied();
            claims.retain(|other| other.id != claim.id);
            if paths.contains(path) {
                claims.insert(claim);
            }
            if claims.first().copied() != held_by {
                affected.extend(claims.iter().map(|other| other.id));
            }
            if claims.is_empty() {
                self.by_path.remove(path);
            }
        }
        if !paths.is_empty() {
            self.by_id.insert(claim.id, paths);
        }
        affected
    }

    /// Takes back all claims of a container. Returns the containers that gain something.
    pub(super) fn release(&mut self, id: ContainerId) -> BTreeSet<ContainerId> {
        let nothing = Claim {
            started_at_ms: 0,
            id,
        };
        self.replace(nothing, BTreeSet::new())
    }

    /// Who holds a znode.
    pub(super) fn holder(&self, path: &str) -> Option<ContainerId> {
        self.by_path.get(path)?.first().map(|claim| claim.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(number: u8) -> Claim {
        Claim {
            started_at_ms: i64::from(number),
            id: ContainerId::from_bytes([number; 32]),
        }
    }

    fn paths(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn the_longest_running_holds_it_and_the_next_follows() {
        let mut claims = Claims::default();
        let [one, two] = [claim(1), claim(2)];
        assert_eq!(
            claims.replace(two, paths(&["/a"])),
            BTreeSet::from([two.id])
        );
        assert_eq!(
            claims.replace(one, paths(&["/a"])),
            BTreeSet::from([one.id, two.id])
        );
        assert_eq!(claims.holder("/a"), Some(one.id));
        assert_eq!(
            claims.replace(one, paths(&["/a", "/b"])),
            BTreeSet::from([one.id])
        );
        assert_eq!(claims.release(one.id), BTreeSet::from([two.id]));
        assert_eq!(claims.holder("/a"), Some(two.id));
        assert_eq!(claims.holder("/b"), None);
        assert_eq!(claims.release(two.id), BTreeSet::new());
    }
}
