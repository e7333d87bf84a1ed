//! The control groups that a testbed's Docker daemons put their containers in.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use crate::{
    error::{Error, Result},
    scope::Scope,
};

const ROOT: &str = "/sys/fs/cgroup";

/// A group stays busy until its last process has been reaped: five seconds of patience.
const REMOVE_TRIES: u32 = 250;
const REMOVE_PAUSE: Duration = Duration::from_millis(20);

/// Whether the machine has control groups at all, of either version.
pub(crate) fn mounted() -> bool {
    let root = Path::new(ROOT);
    root.join("cgroup.controllers").exists() || root.join("devices/cgroup.procs").exists()
}

/// The ids of all processes in the groups of `scope`.
pub(crate) fn processes(scope: &Scope) -> BTreeSet<u32> {
    let lists = directories(scope)
        .into_iter()
        .filter_map(|directory| fs::read_to_string(directory.join("cgroup.procs")).ok());
    lists
        .flat_map(|list| {
            list.lines()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Lets paused containers run: in version 1 a frozen process does not even die of SIGKILL.
pub(crate) fn thaw(scope: &Scope) {
    for directory in directories(scope) {
        let state = directory.join("freezer.state");
        if state.exists() {
            // A group that vanishes meanwhile needs no thaw.
            let _ = fs::write(state, "THAWED");
        }
    }
}

/// Removes the groups of `scope`, whose processes must have ended.
pub(crate) fn remove(scope: &Scope) -> Result<()> {
    let mut last = Ok(());
    for _ in 0..REMOVE_TRIES {
        last = Ok(());
        for directory in directories(scope) {
            if let Err(error) = fs::remove_dir(&directory) {
                last = Err(Error::File {
                    action: "remove",
                    path: directory,
                    error,
                });
            }
        }
        if last.is_ok() {
            break;
        }
        sleep(REMOVE_PAUSE);
    }
    last
}

/// All groups of `scope` in all hierarchies, inner ones before the ones around them.
fn directories(scope: &Scope) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for hierarchy in hierarchies() {
        for top in subdirectories(&hierarchy) {
            if top
                .file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|n| scope.contains(n))
            {
                collect(top, &mut found);
            }
        }
    }
    found
}

fn collect(directory: PathBuf, found: &mut Vec<PathBuf>) {
    for inner in subdirectories(&directory) {
        collect(inner, found);
    }
    found.push(directory);
}

/// Version 2 has one hierarchy, version 1 one for each controller.
fn hierarchies() -> Vec<PathBuf> {
    let root = PathBuf::from(ROOT);
    if root.join("cgroup.controllers").exists() {
        vec![root]
    } else {
        subdirectories(&root)
    }
}

fn subdirectories(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    // Links are skipped: some systems link `cpu` to `cpu,cpuacct`.
    let directories = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    directories.map(|entry| entry.path()).collect()
}
