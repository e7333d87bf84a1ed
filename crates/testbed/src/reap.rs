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

/// Longer than an impatient person presses Ctrl-C.
const SIGNAL_TRIES: u32 = 20;
const SIGNAL_PAUSE: Duration = Duration::from_millis(50);

/// Ends the testbed's processes and removes its namespaces, links, control groups and files.
///
/// It goes by names only, so it needs no record of what was made. Every step is tried, and the
/// first error is returned. It blocks.
pub(crate) fn reap(layout: &Layout) -> Result<()> {
    let scope = Scope::testbed(&layout.name());
    // The processes go first, as they hold on to all the rest.
    let steps = [
        members::kill(&scope),
        again(|| remove_link(&layout.name())),
        again(|| remove_namespaces(&scope)),
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

/// Does a step again if the program that it runs was ended by a signal. A terminal sends Ctrl-C to
/// the caller's whole process group, in which a program is for a moment when it starts.
fn again(step: impl Fn() -> Result<()>) -> Result<()> {
    for _ in 1..SIGNAL_TRIES {
        match step() {
            Err(error) if error.is_by_signal() => sleep(SIGNAL_PAUSE),
            result => return result,
        }
    }
    step()
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, os::unix::process::ExitStatusExt, process::ExitStatus};

    /// What `wait` tells of a program that SIGINT has ended, and of one that exited with 1.
    const INTERRUPTED: i32 = 2;
    const FAILED: i32 = 1 << 8;

    /// How often a step is done that comes out so each time, but for the third.
    fn times(status: i32) -> u32 {
        let count = Cell::new(0);
        let step = || {
            count.set(count.get() + 1);
            if count.get() == 3 {
                return Ok(());
            }
            Err(Error::Command {
                command: "ip".into(),
                status: ExitStatus::from_raw(status),
                stderr: String::new(),
            })
        };
        assert_eq!(again(step).is_ok(), count.get() == 3);
        count.get()
    }

    #[test]
    fn what_a_signal_cut_short_is_done_again() {
        assert_eq!(times(INTERRUPTED), 3);
        assert_eq!(times(FAILED), 1);
    }
}
