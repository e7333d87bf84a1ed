//! Removing what a container may have made, of any depth, while it goes on making more.

use super::{
    FILES_MAX,
    beneath::{Beneath, Name},
};
use rustix::io::{Errno, Result};

/// How often somebody may put something new into what is being removed.
const TRIES_MAX: u32 = 100;

/// How many directories one entry may have in it: more than its file system has room for, so that a
/// container cannot keep an agent busy by making them as fast as they are removed.
const DIRECTORIES_MAX: u64 = 4 * FILES_MAX;

/// How the names begin under which directories wait for their removal.
const WAITING: &str = "..gone-";

/// Removes an entry of `top` with all that is in it.
///
/// The directories in it are moved up into `top` first, one level at a time. So no more than two
/// directories are ever open, however deep a container has nested them, and no path is walked that
/// it could redirect.
pub(super) fn remove(top: &Beneath, name: impl Name) -> Result<()> {
    let first = match top.remove_file(name) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        // The error for a directory differs between file systems.
        Err(Errno::ISDIR | Errno::PERM) => match rename_away(top, top, name, 0) {
            Err(Errno::NOENT) => return Ok(()),
            moved => moved?,
        },
        Err(error) => return Err(error),
    };
    let mut waiting = vec![first];
    let mut number = 0;
    while let Some(name) = waiting.pop() {
        empty(top, &name, &mut number, &mut waiting)?;
    }
    Ok(())
}

/// Removes a directory's files and then itself, and leaves the directories in it to be done.
fn empty(top: &Beneath, name: &str, number: &mut u64, waiting: &mut Vec<String>) -> Result<()> {
    for _ in 0..TRIES_MAX {
        let directory = match top.directory(name) {
            Ok(directory) => directory,
            Err(Errno::NOENT) => return Ok(()),
            // Somebody has put something else there.
            Err(Errno::NOTDIR | Errno::LOOP) => match top.remove_file(name) {
                Ok(()) | Err(Errno::NOENT) => return Ok(()),
                Err(_) => continue,
            },
            Err(error) => return Err(error),
        };
        for entry in directory.entries()? {
            let entry = entry.name.as_c_str();
            match directory.remove_file(entry) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(Errno::ISDIR | Errno::PERM) if *number < DIRECTORIES_MAX => {
                    *number += 1;
                    match rename_away(&directory, top, entry, *number) {
                        Ok(moved) => waiting.push(moved),
                        Err(Errno::NOENT) => {}
                        Err(error) => return Err(error),
                    }
                }
                Err(error) => return Err(error),
            }
        }
        match top.remove_directory(name) {
            Err(Errno::NOTEMPTY | Errno::NOTDIR) => {}
            Err(Errno::NOENT) => return Ok(()),
            removed => return removed,
        }
    }
    Err(Errno::NOTEMPTY)
}

/// Moves a directory to a name in `top` where nothing is.
fn rename_away(from: &Beneath, top: &Beneath, name: impl Name, number: u64) -> Result<String> {
    for attempt in 0..u64::from(TRIES_MAX) {
        let away = format!("{WAITING}{number}-{attempt}");
        match from.transfer(name, top, &away) {
            Ok(()) => return Ok(away),
            Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR | Errno::ISDIR) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Errno::EXIST)
}
