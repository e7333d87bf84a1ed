//! Removes every trace of a testbed, whoever made it and however far it got.

use std::{fs, io::ErrorKind, path::Path, thread::sleep, time::Duration};

use rustix::mount::{UnmountFlags, unmount};

use crate::{
    cgroup,
    error::{Error, Result},
    layout::Layout,
    members,
    node::NAMESPACES,
    scope::Scope,
    tool,
};

/// Two seconds of patience.
const REMOVE_TRIES: u32 = 100;
const REMOVE_PAUSE: Duration = Duration::from_millis(20);

/// Ends the testbed's processes and removes its namespaces, links, control groups and files.
///
/// It goes by names only, so it needs no record of what was made. Every step is tried, and the
/// first error is returned. It blocks.
pub(crate) fn reap(layout: &Layout) -> Result<()> {
    let scope = Scope::testbed(&layout.name());
    // The processes go first, as they hold on to all the rest.
    let steps = [
        members::kill(&scope),
        remove_link(&layout.name()),
        remove_namespaces(&scope),
        unmount_all(&layout.directory()),
        cgroup::remove(&scope),
        remove_directory(&layout.directory()),
    ];
    steps.into_iter().collect()
}

/// The numbers of all testbeds of which something is left on the machine, written down or not.
pub(crate) fn traces() -> Vec<u8> {
    let places = [
        NAMESPACES,
        crate::layout::DIRECTORY,
        crate::record::DIRECTORY,
    ];
    let mut numbers: Vec<_> = places
        .into_iter()
        .flat_map(|place| fs::read_dir(place).into_iter().flatten().flatten())
        .filter_map(|entry| Layout::number_of(entry.file_name().to_str()?))
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn remove_link(name: &str) -> Result<()> {
    if Path::new("/sys/class/net").join(name).exists() {
        tool::ip(None, &format!("link delete {name}\n"))?;
    }
    Ok(())
}

fn remove_namespaces(scope: &Scope) -> Result<()> {
    let entries = fs::read_dir(NAMESPACES).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let batch: String = names
        .filter(|name| scope.contains(name))
        .map(|name| format!("netns delete {name}\n"))
        .collect();
    if batch.is_empty() {
        Ok(())
    } else {
        tool::ip(None, &batch)
    }
}

/// A host's mounts are its own and end with it; these are what a person has mounted by hand.
fn unmount_all(directory: &Path) -> Result<()> {
    const TABLE: &str = "/proc/self/mountinfo";
    let table = fs::read_to_string(TABLE).map_err(Error::file("read", TABLE))?;
    // The mount point is the fifth field: proc_pid_mountinfo(5). Later mounts may cover earlier.
    let points = table.lines().filter_map(|line| line.split(' ').nth(4));
    let inside: Vec<_> = points
        .filter(|point| Path::new(point).starts_with(directory))
        .collect();
    for point in inside.into_iter().rev() {
        unmount(point, UnmountFlags::DETACH)
            .map_err(|errno| Error::file("unmount", point)(errno.into()))?;
    }
    Ok(())
}

/// Tried again for a while: a tool that was cut short may still be writing, until its SIGKILL has
/// taken effect.
fn remove_directory(directory: &Path) -> Result<()> {
    let mut result = Ok(());
    for _ in 0..REMOVE_TRIES {
        result = fs::remove_dir_all(directory);
        match &result {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(_) => sleep(REMOVE_PAUSE),
            Ok(()) => break,
        }
    }
    result.map_err(Error::file("remove", directory))
}
