//! What becomes of a command while its lock is held, in doubt or lost. Pure: what happened and
//! when goes in, what is to be done comes out.

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use super::signals::Signals;
use dockeeper_recipes::held::{Lost, Standing};
use dockeeper_zk_client::BootInstant;
use std::time::Duration;

/// The number of a signal.
pub(crate) type SignalNumber = i32;

const CONTINUE: SignalNumber = rustix::process::Signal::CONT.as_raw();

/// What to do while nobody knows whether ZooKeeper is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OnSuspend {
    /// Let the command run on for as long as the lock is certainly held
    Continue,
    /// Stop the command with SIGSTOP, and let it go on when ZooKeeper is back
    Pause,
    /// End the command at once, as if the lock were lost
    Stop,
}

/// How a command is treated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) on_suspend: OnSuspend,
    /// From SIGTERM to SIGKILL when the lock is lost.
    pub(crate) kill_after: Duration,
}

/// Something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// How the lock stands now.
    Standing(Standing),
    /// This process got a signal.
    Signal(SignalNumber),
    /// The command was stopped as Ctrl-Z does it, or because it wants the terminal in vain.
    Stopped,
    /// This process goes on after [`Action::StopOurselves`].
    Resumed,
    /// The guard killed the command: it had not been told of a later deadline in time.
    Overdue,
    /// The command ended, with the code that a shell would show.
    Exited(u8),
    /// Time has passed.
    Tick,
}

/// Something is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Start the command.
    Start,
    /// The guard is to kill the command at this time, unless it is told of a later one.
    Deadline(BootInstant),
    /// Pass a signal on to the command.
    Signal(SignalNumber),
    /// SIGTERM to all that the command has started, also to what is stopped.
    Terminate,
    /// SIGKILL to all that the command has started.
    Kill,
    /// SIGSTOP to all that the command has started.
    Pause,
    /// SIGCONT to all that was paused.
    Resume,
    /// Stop this process, as the shell expects it of a command that was stopped.
    StopOurselves,
    /// The command does not run: release the lock, and exit.
    End(Ended),
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The command by itself, with the code that a shell would show.
    Command(u8),
    /// A signal came before the command was started.
    Signal(SignalNumber),
    /// The lock was lost, and so the command was ended or not started at all.
    Lost(Why),
}

/// Why a command was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The lock is not held any more, or not certainly.
    Lost(Lost),
    /// The connection is lost, and the command was not to run without one.
    Suspended,
}

/// A command and its lock.
#[derive(Debug)]
pub(crate) struct Machine {
    policy: Policy,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// The command has not been started.
    Waiting,
    Running(Running),
    Over,
}

#[derive(Debug)]
struct Running {
    /// The lock is certainly held until then.
    until: BootInstant,
    is_paused: bool,
    ending: Option<Ending>,
}

/// There is no way back from here: the command was told that it has lost.
#[derive(Clone, Copy, Debug)]
struct Ending {
    why: Why,
    kill_at: BootInstant,
    is_killed: bool,
}

// === impl Machine ===

impl Machine {
    pub(crate) fn new(policy: Policy) -> Self {
        let phase = Phase::Waiting;
        Self { policy, phase }
    }

    /// When [`Input::Tick`] is wanted, at the latest.
    pub(crate) fn wake_at(&self) -> Option<BootInstant> {
        match &self.phase {
            Phase::Running(running) => running.wake_at(&self.policy),
            Phase::Waiting | Phase::Over => None,
        }
    }

    /// What is to be done, in this order.
    pub(crate) fn handle(&mut self, now: BootInstant, input: Input) -> Vec<Action> {
        let mut actions = Vec::new();
        match &mut self.phase {
            Phase::Waiting => self.begin(now, input, &mut actions),
            Phase::Running(running) => {
                // Before anything else: a process that was frozen must do nothing as the holder
                // of a lock that another may have by now.
                running.check_the_end(now, &mut actions);
                running.take(now, input, &self.policy, &mut actions);
                running.look_at_the_time(now, &self.policy, &mut actions);
            }
            Phase::Over => {}
        }
        if actions
            .iter()
            .any(|action| matches!(action, Action::End(_)))
        {
            self.phase = Phase::Over;
        }
        actions
    }

    fn begin(&mut self, now: BootInstant, input: Input, actions: &mut Vec<Action>) {
        match input {
            Input::Standing(Standing::Sure { until }) if now + self.policy.kill_after < until => {
                actions.extend([Action::Start, Action::Deadline(until)]);
                self.phase = Phase::Running(Running {
                    until,
                    is_paused: false,
                    ending: None,
                });
            }
            Input::Standing(Standing::Lost(why)) => {
                actions.push(Action::End(Ended::Lost(Why::Lost(why))));
            }
            Input::Signal(signal) if Signals::is_ending(signal) => {
                actions.push(Action::End(Ended::Signal(signal)));
            }
            // Nothing is wrong, but it is not yet certain enough for a start.
            _ => {}
        }
    }
}

// === impl Running ===

impl Running {
    fn wake_at(&self, policy: &Policy) -> Option<BootInstant> {
        match self.ending {
            Some(ending) => (!ending.is_killed).then_some(ending.kill_at),
            None => Some(self.until.earlier(policy.kill_after)),
        }
    }

    fn take(&mut self, now: BootInstant, input: Input, policy: &Policy, actions: &mut Vec<Action>) {
        match input {
            Input::Standing(standing) => self.stand(now, standing, policy, actions),
            // A paused command goes on when the lock is certain again, and not before.
            Input::Signal(CONTINUE) if self.is_paused => {}
            Input::Signal(signal) => actions.push(Action::Signal(signal)),
            Input::Stopped => actions.push(Action::StopOurselves),
            Input::Resumed if self.is_paused => {}
            Input::Resumed => actions.push(Action::Signal(CONTINUE)),
            Input::Overdue => {
                let (why, kill_at) = (Why::Lost(Lost::LeaseOver), now);
                self.ending.get_or_insert(Ending {
                    why,
                    kill_at,
                    is_killed: false,
                });
            }
            Input::Exited(code) => self.exited(code, actions),
            Input::Tick => {}
        }
    }

    fn stand(
        &mut self,
        now: BootInstant,
        standing: Standing,
        policy: &Policy,
        actions: &mut Vec<Action>,
    ) {
        if self.ending.is_some() {
            return;
        }
        match standing {
            Standing::Sure { until } => {
                self.renew(until, actions);
                if std::mem::take(&mut self.is_paused) {
                    actions.push(Action::Resume);
                }
            }
            Standing::Suspended { until } => {
                self.renew(until, actions);
                match policy.on_suspend {
                    OnSuspend::Continue => {}
                    OnSuspend::Pause if self.is_paused => {}
                    OnSuspend::Pause => {
                        self.is_paused = true;
                        actions.push(Action::Pause);
                    }
                    OnSuspend::Stop => self.end(Why::Suspended, self.until, actions),
                }
            }
            // Somebody broke the lock on purpose: there is time to clean up, but not for long.
            Standing::Lost(Lost::Removed) => {
                let kill_at = self.until.min(now + policy.kill_after);
                self.end(Why::Lost(Lost::Removed), kill_at, actions);
            }
            Standing::Lost(why) => self.end(Why::Lost(why), now, actions),
        }
    }

    fn renew(&mut self, until: BootInstant, actions: &mut Vec<Action>) {
        if self.until != until {
            self.until = until;
            actions.push(Action::Deadline(until));
        }
    }

    /// The command's last chance, or its end when the time is up already.
    fn end(&mut self, why: Why, kill_at: BootInstant, actions: &mut Vec<Action>) {
        self.is_paused = false;
        self.ending = Some(Ending {
            why,
            kill_at,
            is_killed: false,
        });
        actions.extend([Action::Deadline(kill_at), Action::Terminate]);
    }

    fn check_the_end(&mut self, now: BootInstant, actions: &mut Vec<Action>) {
        if self.ending.is_none() && self.until <= now {
            self.ending = Some(Ending {
                why: Why::Lost(Lost::LeaseOver),
                kill_at: now,
                is_killed: false,
            });
        }
        if let Some(ending) = &mut self.ending
            && ending.kill_at <= now
            && !ending.is_killed
        {
            ending.is_killed = true;
            actions.push(Action::Kill);
        }
    }

    fn look_at_the_time(&mut self, now: BootInstant, policy: &Policy, actions: &mut Vec<Action>) {
        if matches!(actions.last(), Some(Action::End(_))) {
            return;
        }
        self.check_the_end(now, actions);
        if self.ending.is_none() && self.until <= now + policy.kill_after {
            self.end(Why::Lost(Lost::LeaseOver), self.until, actions);
        }
    }

    fn exited(&mut self, code: u8, actions: &mut Vec<Action>) {
        let ended = match self.ending {
            None => Ended::Command(code),
            Some(ending) => {
                // What the command has left in the background does not outlive the lock.
                if !ending.is_killed {
                    actions.push(Action::Kill);
                }
                Ended::Lost(ending.why)
            }
        };
        actions.push(Action::End(ended));
    }
}
