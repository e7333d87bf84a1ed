//! What differs between two texts, line by line.

use std::fmt;

/// How many equal lines are shown before and behind those that differ.
const CONTEXT: usize = 3;

/// How many lines are shown of one file.
const LINES_MAX: usize = 2000;

/// How many pairs of lines are compared: a few milliseconds' work, and 4 MiB. Beyond it, all lines
/// between the first difference and the last are shown as removed and added.
const PAIRS_MAX: usize = 1 << 20;

/// A line of what differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Both texts have it.
    Same(String),
    /// Only the old text has it.
    Removed(String),
    /// Only the new text has it.
    Added(String),
    /// Here, this many lines are the same in both.
    Skipped(usize),
    /// This many lines more differ or are the same, too many to show.
    More(usize),
}

// === impl Line ===

impl fmt::Display for Line {
    /// As `diff -u` has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(line) => write!(f, " {line}"),
            Self::Removed(line) => write!(f, "-{line}"),
            Self::Added(line) => write!(f, "+{line}"),
            Self::Skipped(count) => write!(f, "@@ {count} equal lines @@"),
            Self::More(count) => write!(f, "@@ {count} lines more @@"),
        }
    }
}

/// The lines that differ, with some around them. The end of the last line is a line of its own, so
/// that a missing line feed is seen.
pub(super) fn diff(old: &str, new: &str) -> Vec<Line> {
    let old: Vec<_> = old.split('\n').collect();
    let new: Vec<_> = new.split('\n').collect();
    shorten(all(&old, &new))
}

fn all(old: &[&str], new: &[&str]) -> Vec<Line> {
    let before = old.iter().zip(new).take_while(|(o, n)| o == n).count();
    let (head, old) = old.split_at(before);
    let new = &new[before..];
    let pairs = old.iter().rev().zip(new.iter().rev());
    let behind = pairs.take_while(|(o, n)| o == n).count();
    let (old, tail) = old.split_at(old.len() - behind);
    let new = &new[..new.len() - behind];
    let mut lines = same(head);
    match old.len().saturating_mul(new.len()) <= PAIRS_MAX {
        true => middle(old, new, &mut lines),
        false => {
            lines.extend(old.iter().map(|line| Line::Removed((*line).to_owned())));
            lines.extend(new.iter().map(|line| Line::Added((*line).to_owned())));
        }
    }
    lines.extend(same(tail));
    lines
}

/// By a longest common subsequence, with the table of all lengths (R. Wagner and M. Fischer, "The
/// String-to-String Correction Problem", 1974).
fn middle(old: &[&str], new: &[&str], lines: &mut Vec<Line>) {
    let width = new.len() + 1;
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    for (o, old_line) in old.iter().enumerate().rev() {
        for (n, new_line) in new.iter().enumerate().rev() {
            let at = o * width + n;
            lengths[at] = match old_line == new_line {
                true => lengths[at + width + 1] + 1,
                false => lengths[at + width].max(lengths[at + 1]),
            };
        }
    }
    let (mut o, mut n) = (0, 0);
    while o < old.len() || n < new.len() {
        let at = o * width + n;
        if o < old.len() && n < new.len() && old[o] == new[n] {
            lines.push(Line::Same(old[o].to_owned()));
            (o, n) = (o + 1, n + 1);
        } else if n == new.len() || (o < old.len() && lengths[at + width] >= lengths[at + 1]) {
            lines.push(Line::Removed(old[o].to_owned()));
            o += 1;
        } else {
            lines.push(Line::Added(new[n].to_owned()));
            n += 1;
        }
    }
}

fn same(lines: &[&str]) -> Vec<Line> {
    let lines = lines.iter();
    lines.map(|line| Line::Same((*line).to_owned())).collect()
}

/// Leaves out what is far from any difference, and what is too much.
fn shorten(lines: Vec<Line>) -> Vec<Line> {
    let differs = |line: &Line| !matches!(line, Line::Same(_));
    let mut is_shown = vec![false; lines.len()];
    for (at, _) in lines.iter().enumerate().filter(|(_, line)| differs(line)) {
        let end = (at + CONTEXT + 1).min(lines.len());
        is_shown[at.saturating_sub(CONTEXT)..end].fill(true);
    }
    let mut shown = Vec::new();
    let (mut skipped, mut more) = (0, 0);
    for (line, is_shown) in lines.into_iter().zip(is_shown) {
        if shown.len() >= LINES_MAX {
            more += 1;
        } else if is_shown {
            shown.extend((skipped > 0).then_some(Line::Skipped(skipped)));
            shown.push(line);
            skipped = 0;
        } else {
            skipped += 1;
        }
    }
    shown.extend((skipped > 0).then_some(Line::Skipped(skipped)));
    shown.extend((more > 0).then_some(Line::More(more)));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(old: &str, new: &str) -> String {
        let lines = diff(old, new);
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn a_difference_is_shown_with_what_is_around_it() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10";
        assert_eq!(
            shown(old, new),
            "@@ 1 equal lines @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n 10\n-\n"
        );
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let old = "a\n".repeat(LINES_MAX * 2);
        let new = "b\n".repeat(LINES_MAX * 2);
        let lines = diff(&old, &new);
        assert_eq!(lines.len(), LINES_MAX + 1);
        assert_eq!(lines.last(), Some(&Line::More(3 * LINES_MAX + 1)));
    }

    proptest! {
        #[test]
        fn both_texts_come_out_of_all_lines(old in "[abc\n]{0,40}", new in "[abc\n]{0,40}") {
            let split = |text: &'static str| -> Vec<&str> { text.split('\n').collect() };
            let (old, new) = (split(old.leak()), split(new.leak()));
            let lines = all(&old, &new);
            let before = lines.iter().filter_map(|line| match line {
                Line::Same(line) | Line::Removed(line) => Some(line.as_str()),
                _ => None,
            });
            let after = lines.iter().filter_map(|line| match line {
                Line::Same(line) | Line::Added(line) => Some(line.as_str()),
                _ => None,
            });
            prop_assert_eq!(before.collect::<Vec<_>>(), old);
            prop_assert_eq!(after.collect::<Vec<_>>(), new);
        }
    }
}
