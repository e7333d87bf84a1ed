//! What differs between two bundles.

mod lines;

pub use lines::Line;

use super::{Bundle, BundleFile};
use dockeeper_model::config::{FilePath, Key};
use std::collections::{BTreeMap, BTreeSet};

/// What differs between two bundles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// The files that differ.
    pub files: BTreeMap<FilePath, Entry<FileChange>>,
    /// The values that differ: what each was, and what it is.
    pub keys: BTreeMap<Key, Entry<(String, String)>>,
}

/// How something differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry<T> {
    /// Only the new bundle has it.
    Added,
    /// Only the old bundle has it.
    Removed,
    /// Both have it.
    Changed(T),
}

/// How a file differs that both have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The modes, where they differ.
    pub mode: Option<(u32, u32)>,
    /// The users and groups, where they differ.
    pub owner: Option<((u32, u32), (u32, u32))>,
    /// The contents, where they differ.
    pub content: Option<Text>,
}

/// How two contents differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// Both are text: the lines that differ, with a few around them.
    Lines(Vec<Line>),
    /// One of them is no text: their lengths in bytes.
    Binary(usize, usize),
}

/// What differs between an old bundle and a new one.
pub fn diff(old: &Bundle, new: &Bundle) -> Diff {
    Diff {
        files: entries(&old.files, &new.files, change),
        keys: entries(&old.keys, &new.keys, |old, new| (old.clone(), new.clone())),
    }
}

// === impl Diff ===

impl Diff {
    /// Whether the bundles are the same.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.keys.is_empty()
    }
}

fn entries<K: Ord + Clone, V: PartialEq, T>(
    old: &BTreeMap<K, V>,
    new: &BTreeMap<K, V>,
    change: impl Fn(&V, &V) -> T,
) -> BTreeMap<K, Entry<T>> {
    let names: BTreeSet<&K> = old.keys().chain(new.keys()).collect();
    let differing = names.into_iter().filter_map(|name| {
        let entry = match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) if old == new => return None,
            (Some(old), Some(new)) => Entry::Changed(change(old, new)),
            (Some(_), None) => Entry::Removed,
            (None, _) => Entry::Added,
        };
        Some((name.clone(), entry))
    });
    differing.collect()
}

fn change(old: &BundleFile, new: &BundleFile) -> FileChange {
    let owners = ((old.uid, old.gid), (new.uid, new.gid));
    FileChange {
        mode: (old.mode != new.mode).then_some((old.mode, new.mode)),
        owner: (owners.0 != owners.1).then_some(owners),
        content: (old.content != new.content).then(|| text(&old.content, &new.content)),
    }
}

fn text(old: &[u8], new: &[u8]) -> Text {
    // A zero byte is valid UTF-8, but nobody's text.
    let as_text = |content| {
        str::from_utf8(content)
            .ok()
            .filter(|text| !text.contains('\0'))
    };
    match (as_text(old), as_text(new)) {
        (Some(before), Some(after)) => Text::Lines(lines::diff(before, after)),
        _ => Text::Binary(old.len(), new.len()),
    }
}
