//! Runs a command while a lock is held, and ends it before somebody else can hold the lock.
//!
//! What is decided is in [`machine`]. A [`guard`] stands between this process and the command,
//! and ends the command when this process is killed or frozen.

mod command;
mod descendants;
mod guard;
mod link;
mod machine;
mod reexec;
mod signals;
mod terminal;

pub(crate) use self::{
    command::Command,
    machine::{Ended, OnSuspend, Policy, Why},
    reexec::role,
    signals::Signals,
};

use self::{
    command::Running,
    link::{Order, Report},
    machine::{Action, Input, Machine},
    terminal::Terminal,
};
use crate::output;
use dockeeper_recipes::held::Standing;
use dockeeper_zk_client::{
    BootClock, BootInstant,
    clock::{SystemClock, sleep_until},
};
use rustix::process::{Pid, Signal, getpid, kill_current_process_group, kill_process};
use std::{future::pending, time::Duration};
use tokio::sync::watch;

/// What shells answer for a process that SIGKILL has ended.
const KILLED: u8 = 137;

/// How long the guard may take to tell that a killed command has ended.
const GUARD_LIMIT: Duration = Duration::from_secs(1);

/// A command, its lock, and this process between them.
struct Supervision<'a> {
    machine: Machine,
    command: &'a Command,
    running: Option<Running>,
    terminal: Option<Terminal>,
    /// When the guard is killed too.
    guard_limit: Option<BootInstant>,
}

/// Runs a command for as long as the lock is held. It has ended when this returns.
pub(crate) async fn run(
    command: &Command,
    policy: Policy,
    mut standing: watch::Receiver<Standing>,
    signals: &mut Signals,
) -> anyhow::Result<Ended> {
    signals.for_a_command()?;
    let mut supervision = Supervision {
        machine: Machine::new(policy),
        command,
        running: None,
        terminal: Terminal::open(),
        guard_limit: None,
    };
    standing.mark_changed();
    loop {
        let input = tokio::select! {
            biased;
            Ok(()) = standing.changed() => Input::Standing(*standing.borrow_and_update()),
            input = supervision.input() => input,
            signal = signals.next() => Input::Signal(signal),
        };
        if let Some(ended) = supervision.handle(input).await? {
            return Ok(ended);
        }
    }
}

// === impl Supervision ===

impl Supervision<'_> {
    /// What the command does, or the time.
    async fn input(&mut self) -> Input {
        let wake_at = self.machine.wake_at();
        let report = async {
            match &mut self.running {
                Some(running) => running.report().await,
                None => pending().await,
            }
        };
        let report = tokio::select! {
            biased;
            report = report => report,
            () = come(self.guard_limit) => None,
            () = come(wake_at) => return Input::Tick,
        };
        match report {
            Some(Report::Exited(code)) => Input::Exited(code),
            Some(Report::Overdue) => Input::Overdue,
            Some(Report::Stopped { signal, group }) => self.stopped(signal, group),
            None => {
                if let Some(running) = &mut self.running {
                    running.kill_with_guard().await;
                }
                Input::Exited(KILLED)
            }
        }
    }

    fn stopped(&self, signal: i32, group: Pid) -> Input {
        let is = |signals: &[Signal]| signals.iter().any(|other| other.as_raw() == signal);
        let wants_terminal = is(&[Signal::TTIN, Signal::TTOU]);
        let terminal = self.terminal.as_ref();
        if wants_terminal && terminal.is_some_and(|terminal| terminal.give(group)) {
            // As if it had always had it.
            return Input::Resumed;
        }
        if wants_terminal || is(&[Signal::TSTP]) {
            return Input::Stopped;
        }
        // With SIGSTOP somebody means the command alone.
        Input::Tick
    }

    async fn handle(&mut self, input: Input) -> anyhow::Result<Option<Ended>> {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for action in self.machine.handle(SystemClock.now(), input) {
                match action {
                    Action::End(ended) => return Ok(Some(ended)),
                    Action::Start => self.running = Some(Running::start(self.command)?),
                    Action::StopOurselves => {
                        self.stop_ourselves();
                        inputs.push(Input::Resumed);
                    }
                    Action::Kill => self.kill().await,
                    Action::Deadline(at) => self.order(Order::Deadline(at)).await,
                    Action::Signal(signal) => self.order(Order::Signal(signal)).await,
                    Action::Terminate => self.order(Order::Terminate).await,
                    Action::Pause => {
                        output::warn("no connection to ZooKeeper: the command is paused");
                        self.order(Order::Pause).await;
                    }
                    Action::Resume => {
                        output::note("connected to ZooKeeper again: the command goes on");
                        self.order(Order::Resume).await;
                    }
                }
            }
        }
        Ok(None)
    }

    async fn order(&mut self, order: Order) {
        if let Some(running) = &mut self.running {
            running.order(order).await;
        }
    }

    async fn kill(&mut self) {
        if let Some(running) = &mut self.running {
            running.kill().await;
            self.guard_limit = Some(SystemClock.now() + GUARD_LIMIT);
        }
    }

    /// Returns when this process goes on. Unlike SIGSTOP this signal does nothing where no shell
    /// would let it go on.
    fn stop_ourselves(&self) {
        // Nobody can be asked when not even that works.
        match self.terminal {
            Some(_) => kill_current_process_group(Signal::TTIN),
            None => kill_process(getpid(), Signal::TTIN),
        }
        .ok();
    }
}

/// What is left of a command that was killed, by number and name: what this user may not kill.
pub(crate) fn survivors() -> Vec<String> {
    let living = descendants::living(getpid());
    living.iter().map(ToString::to_string).collect()
}

/// Waits for a time, or for ever.
async fn come(at: Option<BootInstant>) {
    match at {
        Some(at) => sleep_until(&SystemClock, at).await,
        None => pending().await,
    }
}
