use std::collections::HashSet;

/// How many znodes a mirror complains of by name. Who needs them all asks for
/// [`hidden`](super::Tree::hidden).
const NAMED_MAX: usize = 100;

/// Which znodes were complained of, so that each is named once, however often it is read.
#[derive(Debug, Default)]
pub(super) struct Complaints(HashSet<String>);

// === impl Complaints ===

impl Complaints {
    /// Complains of a znode that the server does not show. True when that was new.
    pub(super) fn hidden(&mut self, path: &str) -> bool {
        if self.0.len() >= NAMED_MAX || !self.0.insert(path.to_owned()) {
            return false;
        }
        tracing::warn!(
            path,
            "not mirrored: its access control list does not let this session read it"
        );
        if self.0.len() == NAMED_MAX {
            tracing::warn!("further znodes that may not be read are not named");
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_named_once_and_few_of_many_are() {
        let mut complaints = Complaints::default();
        assert!(complaints.hidden("/0"));
        assert!(!complaints.hidden("/0"));
        let named = (0..NAMED_MAX * 2).filter(|n| complaints.hidden(&format!("/{n}")));
        assert_eq!(named.count(), NAMED_MAX - 1);
    }
}
