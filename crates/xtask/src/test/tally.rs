//! Counting tests by the closing lines of Rust's test programs.

use std::fmt;

/// How many tests passed, failed and were left out by `#[ignore]`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
}

// === impl Tally ===

impl Tally {
    /// Adds what a line says, if it closes a test program.
    pub(super) fn add(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else {
            return;
        };
        // Such as `ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; ...`.
        let (_, counts) = counts.split_once(". ").unwrap_or_default();
        for count in counts.split("; ") {
            let (number, what) = count.split_once(' ').unwrap_or_default();
            let number = number.parse().unwrap_or(0);
            match what.trim_end() {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }

    pub(super) fn ran_any(&self) -> bool {
        self.passed + self.failed > 0
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_add_up() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests\n",
            "test a ... ok\n",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.00s\n",
            "test result: FAILED. 20 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.25s\n",
            "test result: nonsense\n",
        ] {
            tally.add(line);
        }
        assert!(tally.ran_any());
        assert_eq!(tally.to_string(), "23 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn nothing_ran_when_all_was_filtered_out() {
        let mut tally = Tally::default();
        tally.add("test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.00s");
        assert!(!tally.ran_any());
    }
}
