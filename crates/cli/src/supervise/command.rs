//! A command that runs below its guard.

use super::{
    descendants,
    link::{self, Link, Order, Report},
    reexec::{self, Role},
};
use anyhow::Context;
use rustix::process::{Pid, getpid, set_child_subreaper};
use std::{
    ffi::OsString,
    io,
    os::{fd::AsFd, unix::process::CommandExt},
    process::Child,
};

/// What is to be run.
#[derive(Debug)]
pub(crate) struct Command {
    /// The program and its arguments.
    pub(crate) line: Vec<OsString>,
    /// Added to this process's environment.
    pub(crate) environment: Vec<(&'static str, String)>,
}

/// A command that has been started.
pub(super) struct Running {
    guard: Child,
    link: Link,
    has_ended: bool,
}

// === impl Running ===

impl Running {
    /// Starts the guard, which starts the command with the first deadline.
    pub(super) fn start(command: &Command) -> anyhow::Result<Self> {
        let start = || {
            // Whatever the command leaves behind when its guard is killed comes to this process.
            set_child_subreaper(Some(getpid()))?;
            let (here, there) = link::pair()?;
            let mut guard = reexec::program(Role::Guard);
            guard.args(&command.line).process_group(0).stdin(there);
            for (name, value) in &command.environment {
                guard.env(name, value);
            }
            let guard = guard.spawn()?;
            link::send_fd(&here, io::stdin().as_fd())?;
            io::Result::Ok((guard, Link::new(here)?))
        };
        let (guard, link) = start().context("cannot start the process that guards the command")?;
        Ok(Self {
            guard,
            link,
            has_ended: false,
        })
    }

    /// A guard that has gone needs no orders.
    pub(super) async fn order(&mut self, order: Order) {
        drop(self.link.send(order).await);
    }

    /// The guard's next report; `None` when it has gone without saying that the command has ended.
    /// Can be dropped and called again.
    pub(super) async fn report(&mut self) -> Option<Report> {
        let report = self.link.receive().await;
        self.has_ended |= matches!(report, Some(Report::Exited(_)));
        report
    }

    /// Kills the command and all that it has started; the guard too when the command has ended.
    pub(super) async fn kill(&mut self) {
        if self.has_ended {
            self.kill_with_guard().await;
        } else {
            descendants::kill(Pid::from_child(&self.guard)).await;
        }
    }

    /// The same when the guard cannot be asked any more how it ended.
    pub(super) async fn kill_with_guard(&mut self) {
        descendants::kill(getpid()).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It ends with the link at the latest: nobody waits for it any more.
        drop(self.guard.try_wait());
    }
}
