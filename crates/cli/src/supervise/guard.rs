//! A process between the supervisor and the command: it sees the command end, and ends it when the
//! supervisor cannot any more, because it was killed, or because it is frozen while time goes on.

use super::{
    come, descendants,
    link::{Link, Order, Report, receive_fd},
    machine::SignalNumber,
    reexec::{self, Role},
    signals::Signals,
    terminal::Terminal,
};
use dockeeper_zk_client::BootInstant;
use rustix::{
    io::Errno,
    process::{
        Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, getpgid, getpid, getppid, kill_process,
        kill_process_group, set_child_subreaper, waitid,
    },
};
use std::{ffi::OsString, fs, io, os::fd::AsFd, os::unix::process::CommandExt};
use tokio::signal::unix::{SignalKind, signal};

/// A running command.
struct Guard {
    link: Link,
    /// The process group of the command is its own.
    command: Pid,
    /// The process group that the terminal is given back to.
    owner: Option<Pid>,
    terminal: Option<Terminal>,
    deadline: Option<BootInstant>,
    paused: Vec<Pid>,
}

/// What became of the command.
enum Change {
    Stopped(SignalNumber),
    Ended(u8),
}

/// What the guard is called in lists of processes, so that nobody takes it for something to kill.
/// The kernel keeps 15 bytes.
const NAME: &str = "dockeeper-guard";

/// Guards a command until it has ended.
pub(super) fn run(command: &[OsString]) -> io::Result<()> {
    // It guards under the name of its file too.
    drop(fs::write("/proc/self/comm", NAME));
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            if let Some(guard) = Guard::start(command).await? {
                guard.watch().await?;
            }
            Ok(())
        })
}

// === impl Guard ===

impl Guard {
    /// `None` when the supervisor is gone before it said until when the lock is held.
    async fn start(command: &[OsString]) -> io::Result<Option<Self>> {
        let socket = io::stdin().as_fd().try_clone_to_owned()?;
        let stdin = receive_fd(&socket)?;
        set_child_subreaper(Some(getpid()))?;
        let owner = getppid().and_then(|supervisor| getpgid(Some(supervisor)).ok());
        let mut link = Link::new(socket)?;
        let Some(Order::Deadline(deadline)) = link.receive().await else {
            return Ok(None);
        };
        let mut child = reexec::program(Role::Become);
        child.args(reexec::becoming(getpid(), command));
        let child = child.process_group(0).stdin(stdin).spawn()?;
        Ok(Some(Self {
            link,
            command: Pid::from_child(&child),
            owner,
            terminal: Terminal::open(),
            deadline: Some(deadline),
            paused: Vec::new(),
        }))
    }

    async fn watch(mut self) -> io::Result<()> {
        let mut children = signal(SignalKind::child())?;
        // What is sent to all of a service's processes is not meant for this one.
        let mut unheeded = Signals::ending()?;
        let mut has_supervisor = true;
        loop {
            if let Some(change) = self.change()? {
                match change {
                    Change::Stopped(signal) => self.tell_of_stop(signal).await,
                    Change::Ended(code) => return self.end(code, has_supervisor).await,
                }
                continue;
            }
            tokio::select! {
                _ = children.recv() => self.bury_orphans()?,
                order = self.link.receive(), if has_supervisor => match order {
                    Some(order) => self.carry_out(order),
                    None => {
                        has_supervisor = false;
                        self.deadline = None;
                        descendants::kill(getpid()).await;
                    }
                },
                () = come(self.deadline) => {
                    self.deadline = None;
                    descendants::kill(getpid()).await;
                    drop(self.link.send(Report::Overdue).await);
                }
                _ = unheeded.next() => {}
            }
        }
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Deadline(at) => self.deadline = Some(at),
            Order::Signal(number) => {
                if let Some(signal) = Signal::from_named_raw(number) {
                    kill_process_group(self.command, signal).ok();
                }
            }
            Order::Terminate => {
                let processes = descendants::living(getpid());
                descendants::signal(&processes, Signal::TERM);
                // What is stopped hears of it only when it goes on.
                descendants::signal(&processes, Signal::CONT);
                self.paused.clear();
            }
            Order::Pause => {
                let mut processes = descendants::living(getpid());
                // What somebody else has stopped is for them to continue.
                processes.retain(|process| !process.is_stopped());
                descendants::signal(&processes, Signal::STOP);
                self.paused
                    .extend(processes.iter().map(|process| process.pid));
            }
            Order::Resume => {
                for pid in self.paused.drain(..) {
                    kill_process(pid, Signal::CONT).ok();
                }
            }
        }
    }

    /// What became of the command since the last time.
    fn change(&self) -> io::Result<Option<Change>> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        if let Some(status) = self.wait(options)? {
            // Its process group is needed for that, and goes when it is asked for its status.
            self.take_terminal_back();
            self.wait(WaitIdOptions::EXITED)?;
            return Ok(Some(Change::Ended(code(&status))));
        }
        let status = self.wait(WaitIdOptions::STOPPED)?;
        let signal = status.and_then(|status| status.stopping_signal());
        Ok(signal.map(Change::Stopped))
    }

    fn wait(&self, options: WaitIdOptions) -> io::Result<Option<WaitIdStatus>> {
        let id = WaitId::Pid(self.command);
        loop {
            match waitid(id.clone(), options | WaitIdOptions::NOHANG) {
                Err(Errno::INTR) => {}
                result => return Ok(result?),
            }
        }
    }

    async fn tell_of_stop(&mut self, signal: SignalNumber) {
        let group = self.command;
        if signal == Signal::TSTP.as_raw() {
            self.take_terminal_back();
        }
        drop(self.link.send(Report::Stopped { signal, group }).await);
    }

    fn take_terminal_back(&self) {
        if let (Some(terminal), Some(owner)) = (&self.terminal, self.owner) {
            // Whoever uses the terminal next has to take it, as shells do.
            drop(terminal.move_between(self.command, owner));
        }
    }

    /// What the command left behind when it ended in time goes on without lock or guard.
    async fn end(mut self, code: u8, has_supervisor: bool) -> io::Result<()> {
        if !has_supervisor {
            descendants::kill(getpid()).await;
        }
        self.bury_orphans()?;
        drop(self.link.send(Report::Exited(code)).await);
        Ok(())
    }

    /// Asks those how they ended whose parents have not done it.
    fn bury_orphans(&self) -> io::Result<()> {
        for pid in descendants::ended_children(getpid()) {
            if pid != self.command {
                waitid(
                    WaitId::Pid(pid),
                    WaitIdOptions::EXITED | WaitIdOptions::NOHANG,
                )?;
            }
        }
        Ok(())
    }
}

/// The code that a shell would show.
fn code(status: &WaitIdStatus) -> u8 {
    let code = match status.terminating_signal() {
        Some(signal) => 128 + signal,
        None => status.exit_status().unwrap_or_default(),
    };
    u8::try_from(code).unwrap_or(u8::MAX)
}
