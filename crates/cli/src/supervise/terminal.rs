//! Who reads the terminal.
//!
//! The command has a process group of its own, so that all of it can be signalled. The terminal
//! stays with the supervisor's group, where Ctrl-C is then heard once and passed on, and where the
//! neighbours of a pipeline can use it too. Only when the command itself asks for the terminal, by
//! reading it or changing its settings, it gets it, and with it Ctrl-C at first hand.
//!
//! Only the group that has the terminal can give it away without being stopped for it. So the
//! supervisor gives it, and to take it back a helper is started in the command's group.

use rustix::{
    process::{Pid, getpgrp},
    termios::{tcgetpgrp, tcsetpgrp},
};
use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::process::CommandExt,
    process::Stdio,
};

use super::reexec::{self, Role};

/// The terminal that this process was started from.
pub(super) struct Terminal(File);

// === impl Terminal ===

impl Terminal {
    /// `None` when there is none, as below a service manager.
    pub(super) fn open() -> Option<Self> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/tty");
        file.ok().map(Self)
    }

    /// Gives it to a process group. It cannot when neither has it.
    ///
    /// The group may have it already: one that goes on twice, for `fg` and for the SIGCONT that
    /// `fg` sent, can ask twice before it is given what it asked for.
    pub(super) fn give(&self, group: Pid) -> bool {
        self.is_with(group) || (self.is_with(getpgrp()) && tcsetpgrp(&self.0, group).is_ok())
    }

    /// Takes it from a process group, of which a process must be left, and gives it to another.
    pub(super) fn move_between(&self, from: Pid, to: Pid) -> io::Result<()> {
        if !self.is_with(from) {
            return Ok(());
        }
        let mut helper = reexec::program(Role::GiveTerminal);
        helper.arg(to.to_string());
        helper.process_group(from.as_raw_pid()).stdin(Stdio::null());
        helper.status().map(drop)
    }

    fn is_with(&self, group: Pid) -> bool {
        tcgetpgrp(&self.0).is_ok_and(|has_it| has_it == group)
    }
}

/// The helper: gives the terminal to the group that is named.
pub(super) fn give_to(group: Pid) -> io::Result<()> {
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    Ok(tcsetpgrp(terminal, group)?)
}
