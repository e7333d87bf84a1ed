//! A directory that may be changed by others at any time, and that nothing leads out of.

use rustix::{
    fs::{
        AtFlags, CWD, Dir, FileType, Gid, Mode, OFlags, ResolveFlags, Stat, Uid, fchmod, fchown,
        fstat, mkdirat, openat2, readlinkat, renameat, symlinkat, unlinkat,
    },
    io::{Errno, Result},
    path::Arg,
};
use std::{
    ffi::CString,
    fs::File,
    io::{self, Write},
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use super::remap::Owner;

/// Nothing but what lies directly below: no symbolic link is followed, no other file system entered.
const RESOLVE: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_SYMLINKS)
    .union(ResolveFlags::NO_MAGICLINKS)
    .union(ResolveFlags::NO_XDEV);

/// How often a signal or a concurrent rename may make the kernel ask for another try.
const TRIES_MAX: u32 = 1000;

/// How long a symbolic link's target may be that is of interest: longer ones are not ours.
const TARGET_LEN_MAX: usize = 512;

/// The name of an entry.
pub(super) trait Name: Arg + Copy {}

impl<T: Arg + Copy> Name for T {}

/// An open directory. All that is done names a single entry of it.
#[derive(Debug)]
pub(super) struct Beneath(OwnedFd);

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: CString,
    pub(super) is_link: bool,
}

// === impl Beneath ===

impl Beneath {
    /// Opens a directory by a path that only root can change.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        open(CWD, path, DIRECTORY, Mode::empty(), resolve).map(Self)
    }

    /// Opens a directory in this one.
    pub(super) fn directory(&self, name: impl Name) -> Result<Self> {
        open(&self.0, name, DIRECTORY, Mode::empty(), RESOLVE).map(Self)
    }

    /// Makes a directory that was not there.
    pub(super) fn make_directory(&self, name: impl Name, mode: u32, owner: Owner) -> Result<Self> {
        mkdirat(&self.0, name, Mode::RWXU)?;
        let made = self.directory(name)?;
        give(&made.0, mode, owner)?;
        Ok(made)
    }

    /// Writes a file that was not there.
    pub(super) fn write(
        &self,
        name: impl Name,
        content: &[u8],
        mode: u32,
        owner: Owner,
    ) -> io::Result<()> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = open(&self.0, name, flags, Mode::RUSR | Mode::WUSR, RESOLVE)?;
        let mut file = File::from(file);
        file.write_all(content)?;
        Ok(give(&file, mode, owner)?)
    }

    /// Makes a symbolic link that was not there.
    pub(super) fn link(&self, name: impl Name, target: &str) -> Result<()> {
        symlinkat(target, &self.0, name)
    }

    /// What a symbolic link points at; `None` when there is none, or one that cannot be ours.
    pub(super) fn target(&self, name: impl Name) -> Option<String> {
        let target = readlinkat(&self.0, name, Vec::with_capacity(TARGET_LEN_MAX)).ok()?;
        target.into_string().ok()
    }

    /// Renames within this directory, over what may be there.
    pub(super) fn rename(&self, from: impl Name, to: impl Name) -> Result<()> {
        renameat(&self.0, from, &self.0, to)
    }

    /// Moves an entry of this directory into another one of the same file system.
    pub(super) fn transfer(&self, from: impl Name, other: &Self, to: impl Name) -> Result<()> {
        renameat(&self.0, from, &other.0, to)
    }

    /// Removes what is not a directory.
    pub(super) fn remove_file(&self, name: impl Name) -> Result<()> {
        unlinkat(&self.0, name, AtFlags::empty())
    }

    /// Removes an empty directory.
    pub(super) fn remove_directory(&self, name: impl Name) -> Result<()> {
        unlinkat(&self.0, name, AtFlags::REMOVEDIR)
    }

    /// What it has.
    pub(super) fn entries(&self) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name();
            if name != c"." && name != c".." {
                let is_link = entry.file_type() == FileType::Symlink;
                let name = name.to_owned();
                entries.push(Entry { name, is_link });
            }
        }
        Ok(entries)
    }

    /// What the kernel says of the directory itself.
    pub(super) fn stat(&self) -> Result<Stat> {
        fstat(&self.0)
    }
}

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

fn open(
    directory: impl AsFd,
    path: impl Name,
    flags: OFlags,
    mode: Mode,
    resolve: ResolveFlags,
) -> Result<OwnedFd> {
    for _ in 0..TRIES_MAX {
        match openat2(&directory, path, flags, mode, resolve) {
            // A rename somewhere made the kernel unsure whether the path stays beneath.
            Err(Errno::AGAIN | Errno::INTR) => {}
            opened => return opened,
        }
    }
    Err(Errno::AGAIN)
}

/// By the open file, so that it cannot be another one's.
fn give(file: impl AsFd, mode: u32, owner: Owner) -> Result<()> {
    let (uid, gid) = (Uid::from_raw(owner.uid), Gid::from_raw(owner.gid));
    fchown(&file, Some(uid), Some(gid))?;
    // After the owner: a change of owner takes bits away.
    fchmod(&file, Mode::from_raw_mode(mode & PERMISSIONS))
}

/// What of a mode a file gets: no right of another user comes with a configuration.
const PERMISSIONS: u32 = 0o777;
