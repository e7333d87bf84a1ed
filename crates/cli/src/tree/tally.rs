use super::plan::Step;
use crate::output::text;

/// How many of the paths that a person should look at are named.
const SHOWN_MAX: usize = 10;

/// What came of writing a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) created: u64,
    pub(crate) changed: u64,
    pub(crate) same: u64,
    /// Those that differ and were not to be changed.
    pub(crate) kept: Paths,
    /// Those where an ephemeral znode is at the target.
    pub(crate) in_the_way: Paths,
}

/// Some paths, of which the first ones are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Paths {
    pub(crate) count: usize,
    shown: Vec<String>,
}

// === impl Tally ===

impl Tally {
    pub(crate) fn add(&mut self, path: &str, step: &Step) {
        match step {
            Step::Create => self.created += 1,
            Step::Change { .. } => self.changed += 1,
            Step::Same => self.same += 1,
            Step::Keep => self.kept.add(path),
            Step::InTheWay => self.in_the_way.add(path),
        }
    }

    /// What somebody should know who reads that the rest failed.
    pub(crate) fn before_a_failure(&self) -> String {
        format!(
            "written before it failed: {} created, {} changed; it can be run again, as only \
             differences are written",
            self.created, self.changed
        )
    }

    /// How many znodes were looked at.
    pub(crate) fn total(&self) -> u64 {
        let others = self.kept.count + self.in_the_way.count;
        self.created + self.changed + self.same + u64::try_from(others).unwrap_or(u64::MAX)
    }
}

// === impl Paths ===

impl Paths {
    pub(crate) fn add(&mut self, path: &str) {
        self.count += 1;
        if self.shown.len() < SHOWN_MAX {
            self.shown.push(text::clean(path));
        }
    }

    /// The first of them, one a line.
    pub(crate) fn lines(&self) -> String {
        let mut lines: String = self
            .shown
            .iter()
            .map(|path| format!("\n  {path}"))
            .collect();
        if let Some(more @ 1..) = self.count.checked_sub(self.shown.len()) {
            lines.push_str(&format!("\n  and {more} more"));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_of_many_paths_are_named() {
        let mut tally = Tally::default();
        for number in 0..12 {
            tally.add(&format!("/{number}"), &Step::Keep);
        }
        tally.add("/x", &Step::Create);
        assert_eq!(tally.total(), 13);
        let lines = tally.kept.lines();
        assert!(lines.starts_with("\n  /0\n  /1"), "{lines}");
        assert!(lines.ends_with("\n  /9\n  and 2 more"), "{lines}");
    }
}
