use crate::host::ledger::PATHS_LEN_MAX;
use std::collections::BTreeSet;

/// What has been said of the znodes that the session has no room for: once when there begin to be
/// any, and then how many there are whenever everything is compared.
#[derive(Debug, Default)]
pub(super) struct Overflow {
    said: usize,
}

// === impl Overflow ===

impl Overflow {
    /// Takes the znodes that there is no room for, after some change.
    pub(super) fn changed(&mut self, paths: &BTreeSet<String>) {
        if self.said == 0 && !paths.is_empty() {
            self.say(paths);
        }
    }

    /// Takes them when everything is compared.
    pub(super) fn compared(&mut self, paths: &BTreeSet<String>) {
        if self.said != paths.len() {
            self.say(paths);
        }
    }

    fn say(&mut self, paths: &BTreeSet<String>) {
        self.said = paths.len();
        let Some(example) = paths.first() else {
            tracing::info!("the session has room for all znodes again");
            return;
        };
        tracing::error!(
            count = paths.len(),
            example,
            "not registered: the paths of this session's znodes would have more than \
             {PATHS_LEN_MAX} bytes, which endangers ZooKeeper when the session ends; run fewer \
             containers on this host, or split it over several Docker daemons"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_said_once() {
        let of = |count: usize| (0..count).map(|n| format!("/{n}")).collect::<BTreeSet<_>>();
        let mut overflow = Overflow::default();
        let mut said = Vec::new();
        for count in [0, 1, 2, 300, 0, 7] {
            overflow.changed(&of(count));
            said.push(overflow.said);
        }
        assert_eq!(said, [0, 1, 1, 1, 1, 1]);
        overflow.compared(&of(7));
        assert_eq!(overflow.said, 7);
        overflow.compared(&of(0));
        assert_eq!(overflow.said, 0);
    }
}
