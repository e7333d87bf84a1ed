//! Processes of the machine, told apart from later ones with the same id.

use std::{fs, os::fd::OwnedFd};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Holds on to a process, so that a signal reaches this one or none.
#[derive(Debug)]
pub(crate) struct Handle {
    pid: u32,
    fd: OwnedFd,
}

impl Handle {
    /// `None` when there is no such process, or it can no longer be held on to.
    pub(crate) fn open(pid: u32) -> Option<Self> {
        let raw = Pid::from_raw(i32::try_from(pid).ok()?)?;
        let fd = pidfd_open(raw, PidfdFlags::empty()).ok()?;
        Some(Self { pid, fd })
    }

    /// A signal to a process that has ended is no error.
    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        match pidfd_send_signal(&self.fd, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(errno) => Err(Error::Signal {
                pid: self.pid,
                error: errno.into(),
            }),
        }
    }
}

/// The process that a testbed lives and dies with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Its id.
    pub pid: u32,
    /// When it started, in clock ticks since the machine's boot: ids come round again.
    pub started: u64,
}

impl Owner {
    /// This process.
    pub(crate) fn current() -> Self {
        let pid = std::process::id();
        Self {
            pid,
            started: Stat::read(pid).map_or(0, |stat| stat.started),
        }
    }

    /// Whether the process still runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        Stat::read(self.pid).is_some_and(|stat| !stat.ended() && stat.started == self.started)
    }
}

/// The two facts needed from `/proc/<pid>/stat`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    /// A letter: proc_pid_stat(5).
    state: char,
    /// In clock ticks since the machine's boot.
    started: u64,
}

impl Stat {
    /// The process has ended, and only its parent has not asked for its status yet.
    pub(crate) fn ended(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }

    /// The process does not run and will not, until it gets SIGCONT or is thawed. One that waits
    /// for a disk counts as well: it stops before its program goes on. So does, in version 1 of
    /// the control groups, one that is frozen.
    pub(crate) fn stopped(&self) -> bool {
        matches!(self.state, 'T' | 't' | 'D')
    }

    pub(crate) fn read(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The second field is the program's name in parentheses, and may itself hold spaces and
    /// parentheses: proc_pid_stat(5).
    fn parse(line: &str) -> Option<Self> {
        let (_, rest) = line.rsplit_once(')')?;
        let mut fields = rest.split_ascii_whitespace();
        let state = fields.next()?.chars().next()?;
        // The state is field 3 and the start is field 22.
        Some(Self {
            state,
            started: fields.nth(18)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_is_skipped() {
        let line = "42 (a) b) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 2";
        assert_eq!(
            Stat::parse(line),
            Some(Stat {
                state: 'S',
                started: 987_654
            })
        );
        assert_eq!(Stat::parse("42 (a) Z 1"), None);
        assert_eq!(Stat::parse(""), None);
    }

    #[test]
    fn this_process_is_alive_and_an_earlier_one_of_its_id_is_not() {
        let owner = Owner::current();
        assert!(owner.is_alive());
        assert!(
            !Owner {
                started: owner.started + 1,
                ..owner
            }
            .is_alive()
        );
    }
}
