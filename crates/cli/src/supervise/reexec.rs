//! The processes that a supervised command needs beside it: this program again, in another role.

use super::{guard, link, terminal};
use crate::output;
use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
use std::{
    env,
    ffi::OsString,
    io,
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

/// What shells answer for a command that is not there, and for one that cannot be started.
const NOT_FOUND: u8 = 127;
const NOT_STARTED: u8 = 126;

/// What this program can be in place of a command line. No command has such a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Starts the command, and kills it when the supervisor is dead or frozen.
    Guard,
    /// Becomes the command, and dies with the guard.
    Become,
    /// Gives the terminal to another process group.
    GiveTerminal,
}

/// This program in a role. It is found also when its file was replaced meanwhile.
pub(super) fn program(role: Role) -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.arg0("dockeeper").arg(role.name());
    command
}

/// What to do instead of reading the command line, if this process was started for that.
pub(crate) fn role() -> Option<(Role, Vec<OsString>)> {
    let mut arguments = env::args_os().skip(1);
    let role = Role::named(arguments.next()?.to_str()?)?;
    Some((role, arguments.collect()))
}

// === impl Role ===

impl Role {
    const ALL: [Self; 3] = [Self::Guard, Self::Become, Self::GiveTerminal];

    fn name(self) -> &'static str {
        match self {
            Self::Guard => "__guard",
            Self::Become => "__become",
            Self::GiveTerminal => "__give-terminal",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Plays the role to its end.
    pub(crate) fn play(self, arguments: &[OsString]) -> ExitCode {
        let result = match self {
            Self::Guard => guard::run(arguments),
            Self::Become => {
                let why = r#become(arguments);
                output::note(&format!("error: {why}"));
                return match why.kind() {
                    io::ErrorKind::NotFound => NOT_FOUND.into(),
                    _ => NOT_STARTED.into(),
                };
            }
            Self::GiveTerminal => process(arguments).and_then(terminal::give_to),
        };
        result.map_or_else(
            |why| {
                output::note(&format!("error: {}: {why}", self.name()));
                ExitCode::FAILURE
            },
            |()| ExitCode::SUCCESS,
        )
    }
}

/// The arguments with which [`Role::Become`] becomes a command.
pub(super) fn becoming(guard: Pid, command: &[OsString]) -> Vec<OsString> {
    let guard = OsString::from(guard.to_string());
    [&[guard], command].concat()
}

/// Returns only when it did not work.
fn r#become(arguments: &[OsString]) -> io::Error {
    let guard = match process(arguments) {
        Ok(guard) => guard,
        Err(why) => return why,
    };
    let Some([program, arguments @ ..]) = arguments.get(1..) else {
        return io::ErrorKind::InvalidInput.into();
    };
    if let Err(errno) = set_parent_process_death_signal(Some(Signal::KILL)) {
        return errno.into();
    }
    // It may have died before it was asked to take this process along.
    if getppid() != Some(guard) {
        return io::Error::other("dockeeper was killed before the command began");
    }
    let why = Command::new(program).args(arguments).exec();
    let what = format!("cannot run {}: {why}", program.display());
    io::Error::new(why.kind(), what)
}

fn process(arguments: &[OsString]) -> io::Result<Pid> {
    let id = arguments.first().and_then(|id| id.to_str());
    let pid = id.and_then(|id| link::pid(id).ok());
    pid.ok_or_else(|| io::Error::other("started by hand: this is no command"))
}
