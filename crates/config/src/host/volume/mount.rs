//! One mount of a volume: what one container sees.

use super::{
    Current, Error, File, MountId, Remap, Result, VolumeName,
    contents::Folder,
    record::{self, Directory, Keep, Notes, Record},
    tree::Tree,
};
use dockeeper_model::config::{Digest, FilePath};
use std::{path::Path, time::Duration};

/// How long what was current before stays: longer than anybody takes to read a configuration whose
/// first file is open already.
pub const KEEP_FOR: Duration = Duration::from_secs(60);

/// How many of them stay, however young: their file system is bounded.
pub const KEEP_MAX: usize = 2;

/// A mount of a volume, and what lies in it. The kernel may wait for a disk nowhere in here.
#[derive(Debug)]
pub struct Mount {
    volume: VolumeName,
    id: MountId,
    tree: Tree,
    record: Record,
    remap: Remap,
}

/// A release that lies in a mount and is not current.
#[derive(Debug)]
#[must_use = "it stays until it is swapped in or discarded"]
pub struct Staged {
    name: String,
}

// === impl Mount ===

impl Mount {
    /// A mount that is there, in whatever state the last agent left it. Half-made directories go, and
    /// the names at the top are those of the current release.
    pub(super) fn adopt(volume: VolumeName, id: MountId, tree: Tree, remap: Remap) -> Result<Self> {
        let record = Record::load(&record::path(tree.path()));
        let mut mount = Self {
            volume,
            id,
            tree,
            record,
            remap,
        };
        let current = mount.current_name();
        mount.record.directories.retain(|name, directory| {
            directory.replaced_ms.is_some() || Some(name) == current.as_ref()
        });
        mount.save()?;
        mount
            .tree
            .sweep(|name| mount.record.directories.contains_key(name))?;
        mount.settle()?;
        Ok(mount)
    }

    /// The volume.
    pub fn volume(&self) -> &VolumeName {
        &self.volume
    }

    /// What Docker calls the mount.
    pub fn id(&self) -> &MountId {
        &self.id
    }

    /// Where it lies on the host: what Docker is told.
    pub fn path(&self) -> &Path {
        self.tree.path()
    }

    /// Its file system's number, which a process's list of mounts has too.
    pub fn device(&self) -> Result<u64> {
        self.tree.device()
    }

    /// What the container sees; `None` when nothing has been laid down, or the container has put
    /// something else in its place.
    pub fn current(&self) -> Option<Current> {
        let directory = self.record.directories.get(&self.current_name()?)?;
        let Directory {
            release, digest, ..
        } = *directory;
        Some(Current { release, digest })
    }

    /// What is known of the container.
    pub fn notes(&self) -> &Notes {
        &self.record.notes
    }

    /// Keeps what is known of the container, for the next agent too.
    pub fn note(&mut self, notes: Notes) -> Result<()> {
        if notes == self.record.notes {
            return Ok(());
        }
        self.record.notes = notes;
        self.save()
    }

    /// Lays a release down beside the current one.
    pub fn stage<'a>(
        &mut self,
        release: u64,
        digest: Digest,
        files: impl IntoIterator<Item = (&'a FilePath, File<'a>)>,
    ) -> Result<Staged> {
        let files = Folder::new(files, self.remap)?;
        let name = format!("..r{release}-{}", self.record.next);
        let directory = Directory {
            release,
            digest,
            replaced_ms: None,
        };
        self.record.next += 1;
        self.record.directories.insert(name.clone(), directory);
        self.save()?;
        let written = self.tree.write(&name, &files, self.remap.root());
        self.or_drop(&name, written)?;
        Ok(Staged { name })
    }

    /// Makes a release current. Whoever opens a file by its name in the volume from now on gets that
    /// of this release. On an error, [`Mount::current`] tells whether it has come so far; if not, the
    /// release is discarded.
    pub fn swap(&mut self, staged: Staged, now_ms: i64) -> Result<()> {
        let Staged { name } = staged;
        if let Some(current) = self.current_name() {
            self.record.replaced(&current, now_ms);
            self.save()?;
        }
        let made = self.tree.make_current(&name);
        self.or_drop(&name, made)?;
        // A name that both releases have leads somewhere all the time: to the old release before the
        // rename, to the new one after it. New names come when there is something behind them, and
        // stale ones, which lead nowhere now, go last.
        self.settle()
    }

    /// Removes a release that does not become current.
    pub fn discard(&mut self, staged: Staged) -> Result<()> {
        let Staged { name } = staged;
        self.drop_directory(&name)?;
        self.save()
    }

    /// Removes what was current before, for [`KEEP_FOR`] or more; at most [`KEEP_MAX`] stay.
    pub fn prune(&mut self, now_ms: i64) -> Result<()> {
        let keep = Keep {
            count: KEEP_MAX,
            for_ms: i64::try_from(KEEP_FOR.as_millis()).unwrap_or(i64::MAX),
        };
        let stale = self
            .record
            .stale(self.current_name().as_deref(), now_ms, keep);
        if stale.is_empty() {
            return Ok(());
        }
        for name in stale {
            self.drop_directory(&name)?;
        }
        self.save()
    }

    fn current_name(&self) -> Option<String> {
        let name = self.tree.current()?;
        self.record.directories.contains_key(&name).then_some(name)
    }

    /// The names at the top are those of the current release.
    fn settle(&self) -> Result<()> {
        match self.current_name() {
            Some(current) => self.tree.settle(&current),
            None => Ok(()),
        }
    }

    /// Removes a directory that something went wrong with before it became current.
    fn or_drop(&mut self, name: &str, done: Result<()>) -> Result<()> {
        if done.is_err()
            && self.current_name().as_deref() != Some(name)
            && let Err(error) = self.drop_directory(name)
        {
            // The next agent removes it.
            tracing::debug!(%error, "left a release that did not become current");
        }
        done
    }

    fn drop_directory(&mut self, name: &str) -> Result<()> {
        self.tree.remove(name)?;
        self.record.directories.remove(name);
        Ok(())
    }

    fn save(&self) -> Result<()> {
        let path = record::path(self.path());
        let saved = self.record.save(&path);
        saved.map_err(|error| Error::File {
            action: "write",
            path,
            error,
        })
    }
}

// === impl Staged ===

impl Staged {
    /// Where its files are for a container that has the volume at `destination`.
    pub fn path_in(&self, destination: &str) -> String {
        format!("{}/{}", destination.trim_end_matches('/'), self.name)
    }
}
