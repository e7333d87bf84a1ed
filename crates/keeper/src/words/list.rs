//! Lists of an answer that could have any length.

use std::fmt::{Arguments, Write};

/// How many entries a list has at most: more than a person reads. Whoever asks waits for them, and
/// so do all clients, for a few milliseconds.
pub const ENTRIES_MAX: usize = 10_000;

/// After how many bytes a list ends, as paths can be long.
const LEN_MAX: usize = 4 << 20;

/// A list that is being written.
pub(super) struct List<'a> {
    out: &'a mut String,
    len_end: usize,
    entries: usize,
}

// === impl List ===

impl<'a> List<'a> {
    pub(super) fn new(out: &'a mut String) -> Self {
        Self {
            len_end: out.len() + LEN_MAX,
            entries: 0,
            out,
        }
    }

    /// Writes a line above entries, unless no more of them fit.
    pub(super) fn title(&mut self, line: Arguments<'_>) -> bool {
        let fits = self.entries < ENTRIES_MAX && self.out.len() < self.len_end;
        if fits {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(self.out, "{line}");
        }
        fits
    }

    /// Writes an entry, unless no more fit.
    pub(super) fn entry(&mut self, line: Arguments<'_>) -> bool {
        let fits = self.title(line);
        self.entries += usize::from(fits);
        fits
    }

    /// Says how many of `total` are left out, if there are more than the list has.
    pub(super) fn end(self, total: usize, what: &str) {
        let left_out = total.saturating_sub(self.entries);
        if left_out > 0 {
            let _ = writeln!(self.out, "{left_out} of {total} {what} are left out");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_it_leaves_out() {
        let mut out = String::new();
        let mut list = List::new(&mut out);
        for number in 0..ENTRIES_MAX {
            assert!(list.entry(format_args!("{number}")));
        }
        assert!(!list.entry(format_args!("more")) && !list.title(format_args!("more")));
        list.end(ENTRIES_MAX + 2, "things");
        assert!(out.ends_with("\n9999\n2 of 10002 things are left out\n"));
    }

    #[test]
    fn its_bytes_are_bounded_too() {
        let (mut out, long) = ("before".to_owned(), "x".repeat(1 << 20));
        let mut list = List::new(&mut out);
        let count = (0..100).take_while(|_| list.entry(format_args!("{long}")));
        assert_eq!(count.count(), 4);
        list.end(4, "things");
        assert!(out.ends_with("x\n"));
    }
}
