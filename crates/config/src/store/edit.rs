//! How a new release comes out of the head.

use crate::bundle::{Bundle, BundleFile};
use bytes::Bytes;
use dockeeper_model::config::{FilePath, Key, Kind};
use std::collections::BTreeMap;

/// The mode of a file that nobody gave one.
const MODE_DEFAULT: u32 = 0o644;

/// How a new release comes out of the head. It can be done again on another head, when somebody
/// else was first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// These are the files. The values stay.
    Apply(BTreeMap<FilePath, BundleFile>),
    /// These values are given, or are gone where there is none. All else stays.
    Set(BTreeMap<Key, Option<String>>),
    /// This file is as given, or is gone. All else stays.
    Put(FilePath, Option<FileEdit>),
    /// The content of an earlier release, or of the newest that was before the head and the release
    /// that the head itself goes back to, and had another content.
    RollBack(Option<u64>),
    /// The content of an earlier release, since a rollout failed. It is a new release even where
    /// nothing differs, as it ends the rollout.
    AutoRollBack(u64),
}

/// A file to be put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// What is in it.
    pub content: Bytes,
    /// Its permissions; `None` for what it has, or 0644.
    pub mode: Option<u32>,
    /// Its user and group; `None` for what it has, or 0.
    pub owner: Option<(u32, u32)>,
}

// === impl Edit ===

impl Edit {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Apply(_) => Kind::Apply,
            Self::Set(_) => Kind::Set,
            Self::Put(..) => Kind::Put,
            Self::RollBack(_) => Kind::Rollback,
            Self::AutoRollBack(_) => Kind::AutoRollback,
        }
    }

    /// What comes out of a content; the content itself where another release's is asked for.
    pub fn of(&self, mut bundle: Bundle) -> Bundle {
        match self {
            Self::Apply(files) => bundle.files = files.clone(),
            Self::Set(values) => {
                for (key, value) in values {
                    match value {
                        Some(value) => bundle.keys.insert(key.clone(), value.clone()),
                        None => bundle.keys.remove(key),
                    };
                }
            }
            Self::Put(path, None) => drop(bundle.files.remove(path)),
            Self::Put(path, Some(edit)) => {
                let file = edit.of(bundle.files.get(path));
                bundle.files.insert(path.clone(), file);
            }
            Self::RollBack(_) | Self::AutoRollBack(_) => {}
        }
        bundle
    }
}

// === impl FileEdit ===

impl FileEdit {
    fn of(&self, before: Option<&BundleFile>) -> BundleFile {
        let owner = before.map_or((0, 0), |file| (file.uid, file.gid));
        let (uid, gid) = self.owner.unwrap_or(owner);
        let mode = before.map_or(MODE_DEFAULT, |file| file.mode);
        BundleFile {
            mode: self.mode.unwrap_or(mode),
            uid,
            gid,
            content: self.content.clone(),
        }
    }
}
