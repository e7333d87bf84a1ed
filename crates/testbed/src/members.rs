//! The processes of a node or of a testbed: those in its network namespaces, and the containers',
//! which have namespaces of their own and are found by their control groups.

use std::{
    collections::BTreeSet, fs, os::unix::fs::MetadataExt, path::Path, thread::sleep, time::Duration,
};

use rustix::process::Signal;

use crate::{
    cgroup,
    error::{Error, Result},
    node::NAMESPACES,
    pid::{Handle, Stat},
    scope::Scope,
};

/// A signal takes effect at once, but for a process that waits for a disk: ten seconds of patience.
const TRIES: u32 = 1000;
const PAUSE: Duration = Duration::from_millis(10);

/// Which namespace a file stands for.
type NamespaceId = (u64, u64);

/// Kills every process of `scope` and returns when the last one has ended.
pub(crate) fn kill(scope: &Scope) -> Result<()> {
    cgroup::thaw(scope);
    drive(scope, Signal::KILL, Stat::ended)
}

/// Stops every process of `scope` and returns when none runs any more.
pub(crate) fn freeze(scope: &Scope) -> Result<()> {
    drive(scope, Signal::STOP, |stat| stat.stopped() || stat.ended())
}

/// Lets every process of `scope` run on.
pub(crate) fn thaw(scope: &Scope) -> Result<()> {
    drive(scope, Signal::CONT, |_| true)
}

/// Sends a signal until every process is as it should be: while it goes round, one that it has not
/// reached yet may start another.
fn drive(scope: &Scope, signal: Signal, settled: fn(&Stat) -> bool) -> Result<()> {
    let mut left = 0;
    for _ in 0..TRIES {
        // The daemons before the containers: none shall see a container die and note it down.
        left = signal_daemons(scope, signal, settled)? + signal_containers(scope, signal, settled)?;
        if left == 0 {
            return Ok(());
        }
        sleep(PAUSE);
    }
    Err(Error::Timeout {
        what: format!("the effect of {signal:?} on the processes of {scope:?}"),
        limit: PAUSE * TRIES,
        last: format!("{left} of them unimpressed"),
    })
}

fn signal_daemons(scope: &Scope, signal: Signal, settled: fn(&Stat) -> bool) -> Result<usize> {
    let namespaces = namespaces(scope);
    let entries = fs::read_dir("/proc")
        .map_err(Error::file("list", "/proc"))?
        .flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    signal_those(pids, signal, settled, |pid| {
        let namespace = namespace_id(Path::new(&format!("/proc/{pid}/ns/net")));
        namespace.is_some_and(|id| namespaces.contains(&id))
    })
}

fn signal_containers(scope: &Scope, signal: Signal, settled: fn(&Stat) -> bool) -> Result<usize> {
    let pids = cgroup::processes(scope);
    signal_those(pids.into_iter(), signal, settled, |pid| {
        cgroup::processes(scope).contains(&pid)
    })
}

/// Signals the processes that belong, and returns how many of them are not settled yet.
fn signal_those(
    pids: impl Iterator<Item = u32>,
    signal: Signal,
    settled: fn(&Stat) -> bool,
    belongs: impl Fn(u32) -> bool,
) -> Result<usize> {
    let mut count = 0;
    for pid in pids {
        // Held first and looked at afterwards, so that the signal cannot reach another process.
        let Some(handle) = Handle::open(pid) else {
            continue;
        };
        if belongs(pid) {
            handle.signal(signal)?;
            count += usize::from(Stat::read(pid).is_some_and(|stat| !settled(&stat)));
        }
    }
    Ok(count)
}

/// The network namespaces of `scope`.
fn namespaces(scope: &Scope) -> BTreeSet<NamespaceId> {
    let entries = fs::read_dir(NAMESPACES).into_iter().flatten().flatten();
    let inside = entries.filter(|e| e.file_name().to_str().is_some_and(|n| scope.contains(n)));
    inside
        .filter_map(|entry| namespace_id(&entry.path()))
        .collect()
}

/// A file of `ip netns` has its namespace's identity as long as it is mounted there; a process
/// that has ended has none.
fn namespace_id(path: &Path) -> Option<NamespaceId> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}
