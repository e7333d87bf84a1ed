//! Where elements lie, and what they are called.

use dockeeper_zk_client::{CreateMode, path};
use std::{collections::HashSet, fmt};

/// The lowest priority of kazoo's queues: three digits.
pub const PRIORITY_MAX: u16 = 999;

/// The priority of an element that is put without one, as in kazoo.
pub const PRIORITY_DEFAULT: u16 = 100;

/// The digits that a server appends: at least so many.
const SEQUENCE_WIDTH: usize = 10;

/// Where elements lie, and what they are called.
///
/// Curator's queue and kazoo's `Queue` have no claims. In theirs a claimed element is moved, in one
/// step, to a znode beside the queue whose name is the queue's with `-claims` behind it, so that no
/// other program takes it; and back if the taker gives it back. If its session ends instead, the next
/// taker of ours takes it from there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Layout {
    /// `qn-<sequence>` below the queue: Curator's `SimpleDistributedQueue`.
    #[default]
    Curator,
    /// `entry-<priority>-<sequence>` below the queue: kazoo's `Queue`.
    Kazoo,
    /// The same below `entries`, and claims below `taken`: kazoo's `LockingQueue`.
    KazooLocking,
}

/// The znodes that a queue consists of.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Where elements wait that are not claimed, if not among the others.
    pub(super) waiting: Option<String>,
    /// Where elements lie that can be claimed without being moved.
    pub(super) elements: String,
    /// One ephemeral znode for each claim, of its element's name.
    pub(super) taken: String,
    /// What tells whether a write has taken effect.
    pub(super) receipts: String,
}

/// An element that can be claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) name: String,
    /// Whether it has to be moved.
    pub(super) is_waiting: bool,
}

// === impl Layout ===

impl Layout {
    /// How the name of a new element begins.
    pub(super) fn beginning(self, priority: u16) -> String {
        match self {
            Self::Curator => "qn-".to_owned(),
            Self::Kazoo | Self::KazooLocking => format!("entry-{priority:03}-"),
        }
    }

    pub(super) fn is_element(self, name: &str) -> bool {
        match self {
            Self::Curator => name.strip_prefix("qn-").is_some_and(is_sequence),
            Self::Kazoo | Self::KazooLocking => {
                let parts = name.strip_prefix("entry-").and_then(|n| n.split_once('-'));
                parts.is_some_and(|(priority, sequence)| {
                    let is_digit = |byte: u8| byte.is_ascii_digit();
                    priority.len() == 3 && priority.bytes().all(is_digit) && is_sequence(sequence)
                })
            }
        }
    }

    /// Curator makes containers, and makes them again. kazoo makes persistent znodes, and does not
    /// expect them to go.
    pub(super) fn places_mode(self) -> CreateMode {
        match self {
            Self::Curator => CreateMode::Container,
            Self::Kazoo | Self::KazooLocking => CreateMode::Persistent,
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Curator => "of Curator's kind",
            Self::Kazoo => "of kazoo's kind",
            Self::KazooLocking => "of kazoo's locking kind",
        })
    }
}

// === impl Places ===

impl Places {
    pub(super) fn new(queue: &str, layout: Layout) -> Self {
        let (base, waiting) = match layout {
            Layout::Curator | Layout::Kazoo => (format!("{queue}-claims"), Some(queue.to_owned())),
            Layout::KazooLocking => (queue.to_owned(), None),
        };
        Self {
            waiting,
            elements: path::join(&base, "entries"),
            taken: path::join(&base, "taken"),
            receipts: path::join(&base, "receipts"),
        }
    }

    /// Where new elements are put.
    pub(super) fn incoming(&self) -> &str {
        self.waiting.as_ref().unwrap_or(&self.elements)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let own = [&self.elements, &self.taken, &self.receipts];
        own.into_iter().chain(&self.waiting).map(String::as_str)
    }

    /// Whether a znode that could not be created, for want of its parent, is one whose parent the
    /// queue has to make.
    pub(super) fn lack(&self, path: &str) -> bool {
        let parent = path::parent(path);
        parent.is_some_and(|parent| parent == self.receipts || parent == self.incoming())
    }
}

/// What can be claimed, in order: what a claim that has ended has left, and then what waits. A name
/// that was given twice, as after the end of an empty container, waits until the first is done.
pub(super) fn candidates(
    taken: &[String],
    mut elements: Vec<String>,
    mut waiting: Vec<String>,
) -> Vec<Candidate> {
    let taken: HashSet<_> = taken.iter().map(String::as_str).collect();
    let known: HashSet<_> = elements.iter().cloned().collect();
    elements.retain(|name| !taken.contains(name.as_str()));
    waiting.retain(|name| !taken.contains(name.as_str()) && !known.contains(name));
    elements.sort_unstable();
    waiting.sort_unstable();
    let candidate = |is_waiting| move |name| Candidate { name, is_waiting };
    let left = elements.into_iter().map(candidate(false));
    left.chain(waiting.into_iter().map(candidate(true)))
        .collect()
}

/// A parent's count of creations, as a server writes it: 32 bits with a sign.
fn is_sequence(text: &str) -> bool {
    let number = text.parse::<i32>();
    number.is_ok_and(|number| format!("{number:0SEQUENCE_WIDTH$}") == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn elements_are_told_from_foreign_children() {
        for layout in [Layout::Kazoo, Layout::KazooLocking] {
            assert!(layout.is_element("entry-100-0000000007"));
            for name in [
                "entries",
                "taken",
                "entry-1-0000000007",
                "entry-100-7",
                "qn-0000000007",
            ] {
                assert!(!layout.is_element(name), "{name}");
            }
        }
        assert!(Layout::Curator.is_element("qn-0000000007"));
        assert!(Layout::Curator.is_element("qn--2147483648"));
        for name in [
            "qn-",
            "qn-7",
            "qn-99999999999",
            "entry-100-0000000007",
            "queue-0000000007",
        ] {
            assert!(!Layout::Curator.is_element(name), "{name}");
        }
    }

    #[test]
    fn a_path_tells_whose_parent_is_missing() {
        let places = Places::new("/q", Layout::Curator);
        assert!(places.lack("/q/qn-"));
        assert!(places.lack("/q-claims/receipts/x"));
        assert!(!places.lack("/q-claims/taken/qn-0000000000"));
    }

    proptest! {
        #[test]
        fn what_a_server_names_is_an_element(sequence: i32, priority in 0..=PRIORITY_MAX) {
            for layout in [Layout::Curator, Layout::Kazoo, Layout::KazooLocking] {
                let name = format!("{}{sequence:010}", layout.beginning(priority));
                prop_assert!(layout.is_element(&name), "{}", name);
            }
        }

        #[test]
        fn each_element_that_is_free_is_a_candidate_once(
            taken in prop::collection::hash_set(0..9_u8, 0..9),
            elements in prop::collection::hash_set(0..9_u8, 0..9),
            waiting in prop::collection::hash_set(0..9_u8, 0..9),
        ) {
            let names = |numbers: &HashSet<u8>| numbers.iter().map(u8::to_string).collect::<Vec<_>>();
            let found = candidates(&names(&taken), names(&elements), names(&waiting));
            let mut expected = Vec::new();
            for (is_waiting, of) in [(false, &elements), (true, &waiting)] {
                for number in 0..9 {
                    let is_free = of.contains(&number) && !taken.contains(&number);
                    if is_free && !(is_waiting && elements.contains(&number)) {
                        let name = number.to_string();
                        expected.push(Candidate { name, is_waiting });
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
