//! All that a process has started, directly or through others, also what has gone into a process
//! group or a session of its own.
//!
//! What is orphaned belongs to the nearest process above it that is a subreaper: both the
//! supervisor and its guard are, so that nothing slips away.

use rustix::process::{Pid, Signal, kill_process};
use std::{collections::BTreeMap, fmt, fs, time::Duration};
use tokio::time;

/// How often it is looked whether all that was killed is gone, and with what pauses: a second in
/// all. What is still there then hangs in the kernel, and runs no more.
const KILL_ROUNDS_MAX: usize = 200;
const KILL_PAUSE: Duration = Duration::from_millis(5);

/// A process as proc_pid_stat(5) shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: Pid,
    name: String,
    parent: i32,
    state: char,
}

/// What lives below a process.
pub(super) fn living(root: Pid) -> Vec<Process> {
    let mut children = by_parent();
    let (mut found, mut parents) = (Vec::new(), vec![root]);
    while let Some(parent) = parents.pop() {
        // Taken out: ids that come round again while they are read cannot make a circle.
        let below = children.remove(&parent.as_raw_pid()).unwrap_or_default();
        parents.extend(below.iter().map(|process| process.pid));
        found.extend(below.into_iter().filter(|process| !process.has_ended()));
    }
    found
}

/// The children of a process that have ended and wait to be asked how.
pub(super) fn ended_children(parent: Pid) -> Vec<Pid> {
    let children = by_parent().remove(&parent.as_raw_pid());
    let ended = children.into_iter().flatten().filter(Process::has_ended);
    ended.map(|process| process.pid).collect()
}

/// Sends a signal to each. What has ended meanwhile is no error; what has become another user's, as
/// with `sudo`, hears nothing, and is found among the living later.
pub(super) fn signal(processes: &[Process], signal: Signal) {
    for process in processes {
        kill_process(process.pid, signal).ok();
    }
}

/// Kills all that lives below a process, also what is started meanwhile.
pub(super) async fn kill(root: Pid) {
    for _ in 0..KILL_ROUNDS_MAX {
        let living = living(root);
        if living.is_empty() {
            return;
        }
        signal(&living, Signal::KILL);
        time::sleep(KILL_PAUSE).await;
    }
}

fn by_parent() -> BTreeMap<i32, Vec<Process>> {
    let mut children: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for process in all() {
        children.entry(process.parent).or_default().push(process);
    }
    children
}

fn all() -> impl Iterator<Item = Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        // Most of what lies there is no process.
        entry.file_name().to_str()?.parse::<u32>().ok()?;
        Process::parse(&fs::read_to_string(entry.path().join("stat")).ok()?)
    })
}

// === impl Process ===

impl Process {
    /// Whether a signal has stopped it.
    pub(super) fn is_stopped(&self) -> bool {
        self.state == 'T'
    }

    fn has_ended(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }

    /// The program's name stands in parentheses, and may itself hold spaces and parentheses.
    fn parse(line: &str) -> Option<Self> {
        let (pid, rest) = line.split_once(" (")?;
        let (name, fields) = rest.rsplit_once(')')?;
        let mut fields = fields.split_ascii_whitespace();
        Some(Self {
            pid: super::link::pid(pid).ok()?,
            name: name.to_owned(),
            state: fields.next()?.chars().next()?,
            parent: fields.next()?.parse().ok()?,
        })
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.pid, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::getpid;
    use std::process::{Command, Stdio};

    #[test]
    fn a_name_may_look_like_fields() {
        let process = Process::parse("42 (a) Z 1 (b) S 7 42 42 0 -1").unwrap();
        assert_eq!(process.pid.as_raw_pid(), 42);
        assert_eq!((process.state, process.parent), ('S', 7));
        assert_eq!(process.to_string(), "42 (a) Z 1 (b)");
        assert_eq!(Process::parse("42 (a"), None);
        assert_eq!(Process::parse("0 (a) S 1"), None);
    }

    #[test]
    fn children_are_found_and_those_that_have_ended_told_apart() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let pid = Pid::from_child(&child);
        let is_found = || living(getpid()).iter().any(|process| process.pid == pid);
        assert!(is_found());
        drop(child.stdin.take());
        rustix::process::waitid(
            rustix::process::WaitId::Pid(pid),
            rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT,
        )
        .unwrap();
        assert!(!is_found());
        assert!(ended_children(getpid()).contains(&pid));
        child.wait().unwrap();
    }
}
