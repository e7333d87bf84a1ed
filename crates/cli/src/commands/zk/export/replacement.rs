//! A file that takes the place of another, or of none, when it is whole.

use crate::output;
use anyhow::Context;
use rustix::process::geteuid;
use std::{
    fs::{self, File, Metadata, OpenOptions, Permissions},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
};

/// An export holds what access control lists protect.
const MODE_NEW: u32 = 0o600;

/// Who may read, write and execute, without the kind of file.
pub(super) const MODE_MASK: u32 = 0o7777;

/// What a file allows its group.
const MODE_OF_GROUP: u32 = 0o070;

/// The bit of a directory in which files are for their owners alone to replace.
const STICKY: u32 = 0o1000;

/// How many names are tried for the new file: each is chance, so even a second one is rare.
const NAMES_MAX: usize = 8;

/// A new file, which is removed unless it takes its place.
#[derive(Debug)]
pub(super) struct Replacement {
    part: PathBuf,
    target: PathBuf,
    is_placed: bool,
}

// === impl Replacement ===

impl Replacement {
    /// Makes a file beside the target, which nobody else may read until its mode is known. `there`
    /// is what is at the target: its mode is kept, and its owner and group as far as the system
    /// allows that.
    pub(super) fn create(target: &Path, there: Option<&Metadata>) -> anyhow::Result<(File, Self)> {
        if let Some(there) = there {
            check_place(target, there)?;
        }
        let (file, replacement) = Self::create_part(target).with_context(|| {
            let directory = parent(target).display();
            let else_ = "name a file in another directory";
            match there {
                None => format!("cannot make a file in {directory}; {else_}"),
                Some(_) => format!(
                    "it is replaced as a whole, and no file can be made beside it in {directory}; \
                     {else_}, or have the standard output written to this one"
                ),
            }
        })?;
        let mode = match there {
            None => MODE_NEW,
            Some(there) => take_over(&file, target, there)?,
        };
        file.set_permissions(Permissions::from_mode(mode))?;
        Ok((file, replacement))
    }

    fn create_part(target: &Path) -> io::Result<(File, Self)> {
        let mut error = io::Error::from(io::ErrorKind::AlreadyExists);
        for _ in 0..NAMES_MAX {
            let name = format!(".dockeeper-export-{:016x}", fastrand::u64(..));
            let part = target.with_file_name(name);
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).mode(MODE_NEW);
            match options.open(&part) {
                Ok(file) => {
                    let target = target.to_owned();
                    let is_placed = false;
                    return Ok((
                        file,
                        Self {
                            part,
                            target,
                            is_placed,
                        },
                    ));
                }
                Err(failed) if failed.kind() == io::ErrorKind::AlreadyExists => error = failed,
                Err(failed) => return Err(failed),
            }
        }
        Err(error)
    }

    /// Has it take its place.
    pub(super) fn place(&mut self) -> io::Result<()> {
        fs::rename(&self.part, &self.target)?;
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.is_placed {
            // What is there of it is of no use.
            drop(fs::remove_file(&self.part));
        }
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Whether a file can be replaced is known before an export begins, not when it ends.
fn check_place(target: &Path, there: &Metadata) -> anyhow::Result<()> {
    let directory = parent(target);
    let found = fs::metadata(directory)?;
    let user = geteuid().as_raw();
    anyhow::ensure!(
        may_replace(user, found.mode(), found.uid(), there.uid()),
        "it belongs to another user, and in {}, which has the sticky bit, nobody else may replace \
         it; name a file in another directory, or have the standard output written to this one",
        directory.display()
    );
    Ok(())
}

fn may_replace(user: u32, directory_mode: u32, directory_owner: u32, owner: u32) -> bool {
    directory_mode & STICKY == 0 || [0, directory_owner, owner].contains(&user)
}

/// Gives a new file the owner and the group of the one that it replaces, or says that it cannot;
/// what mode it gets.
fn take_over(file: &File, target: &Path, there: &Metadata) -> io::Result<u32> {
    let made = file.metadata()?;
    let (uid, gid) = (there.uid(), there.gid());
    let mode = there.mode() & MODE_MASK;
    let keeps_owner = made.uid() == uid || fchown(file, Some(uid), None).is_ok();
    let keeps_group = made.gid() == gid || fchown(file, None, Some(gid)).is_ok();
    let path = target.display();
    if !keeps_owner {
        output::warn(&format!(
            "{path} belongs to user {uid}: the new one belongs to you"
        ));
    }
    if !keeps_group {
        output::warn(&format!(
            "{path} has the group {gid}, of which you are no member: the new one has your group, \
             which may not read it"
        ));
        return Ok(mode & !MODE_OF_GROUP);
    }
    Ok(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_sticky_directory_owners_alone_replace() {
        for (user, mode, directory, owner, expected) in [
            (7, 0o777, 0, 8, true),
            (7, 0o1777, 0, 8, false),
            (7, 0o1777, 0, 7, true),
            (7, 0o1777, 7, 8, true),
            (0, 0o1777, 7, 8, true),
        ] {
            assert_eq!(may_replace(user, mode, directory, owner), expected);
        }
    }

    #[test]
    fn owner_and_group_are_kept_where_the_system_allows_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        fs::write(&path, "old").unwrap();
        // Only root can give a file away.
        let given = std::os::unix::fs::chown(&path, Some(1), Some(1)).is_ok();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let there = fs::metadata(&path).unwrap();
        let (_, mut replacement) = Replacement::create(&path, Some(&there)).unwrap();
        replacement.place().unwrap();
        let now = fs::metadata(&path).unwrap();
        assert_eq!((now.uid(), now.gid()), (there.uid(), there.gid()));
        assert_eq!(now.mode() & MODE_MASK, 0o640);
        assert_eq!(now.uid() == 1, given);
    }
}
