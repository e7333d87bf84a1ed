//! Whatever happens, and in whatever order: a command never runs without its lock, and never loses
//! a signal.

use super::*;
use dockeeper_zk_client::Ended as SessionEnded;
use proptest::{collection::vec, prelude::*};

const KILL_AFTER: Duration = Duration::from_millis(300);

/// Long enough for everything to happen within.
const LEASE: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
enum Event {
    Sure,
    Suspended,
    Lost(Lost),
    Signal(SignalNumber),
    Stopped,
    Resumed,
    Overdue,
    Exited(u8),
    /// Nothing but time, or a freeze, when it is long.
    Nothing,
}

/// What the actions say of the command.
#[derive(Debug, Default)]
struct Seen {
    runs: bool,
    was_started: bool,
    is_paused: bool,
    was_told: bool,
    kills: usize,
    deadline: Option<BootInstant>,
    ended: Option<Ended>,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => Just(Event::Sure),
        3 => Just(Event::Suspended),
        1 => prop_oneof![
            Just(Lost::LeaseOver),
            Just(Lost::SessionOver(SessionEnded::Expired)),
            Just(Lost::Removed)
        ]
        .prop_map(Event::Lost),
        4 => prop_oneof![Just(1), Just(2), Just(10), Just(15), Just(18), Just(20)]
            .prop_map(Event::Signal),
        1 => Just(Event::Stopped),
        1 => Just(Event::Resumed),
        1 => Just(Event::Overdue),
        1 => any::<u8>().prop_map(Event::Exited),
        4 => Just(Event::Nothing),
    ]
}

fn policy() -> impl Strategy<Value = OnSuspend> {
    prop_oneof![
        Just(OnSuspend::Continue),
        Just(OnSuspend::Pause),
        Just(OnSuspend::Stop)
    ]
}

/// Milliseconds: mostly short, sometimes a freeze.
fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..200_u64, 1 => 200..2500_u64]
}

impl Event {
    fn input(self, now: BootInstant) -> Input {
        let until = now + LEASE;
        match self {
            Self::Sure => Input::Standing(Standing::Sure { until }),
            Self::Suspended => Input::Standing(Standing::Suspended { until }),
            Self::Lost(why) => Input::Standing(Standing::Lost(why)),
            Self::Signal(signal) => Input::Signal(signal),
            Self::Stopped => Input::Stopped,
            Self::Resumed => Input::Resumed,
            Self::Overdue => Input::Overdue,
            Self::Exited(code) => Input::Exited(code),
            Self::Nothing => Input::Tick,
        }
    }

    /// Only a command that runs can do this.
    fn is_of_the_command(self) -> bool {
        matches!(
            self,
            Self::Stopped | Self::Resumed | Self::Overdue | Self::Exited(_)
        )
    }
}

impl Seen {
    fn act(&mut self, action: Action) {
        assert_eq!(self.ended, None, "{action:?} after the end");
        match action {
            Action::Start => {
                assert!(!self.was_started, "started twice");
                (self.was_started, self.runs) = (true, true);
            }
            Action::Deadline(at) => self.deadline = Some(at),
            Action::Terminate => {
                assert!(self.runs && !self.was_told, "told twice or in vain");
                (self.was_told, self.is_paused) = (true, false);
            }
            Action::Kill => self.kills += 1,
            Action::Pause => {
                assert!(self.runs && !self.is_paused && !self.was_told);
                self.is_paused = true;
            }
            Action::Resume => assert!(std::mem::take(&mut self.is_paused)),
            Action::Signal(_) | Action::StopOurselves => assert!(self.was_started),
            Action::End(ended) => {
                assert!(!self.runs, "released while the command runs");
                self.ended = Some(ended);
            }
        }
    }

    fn has_lost(&self) -> bool {
        self.was_told || self.kills > 0
    }

    fn check_the_end(&self, input: Input) {
        match (self.ended, input) {
            (None, _) => assert!(!matches!(input, Input::Exited(_)) || !self.was_started),
            (Some(Ended::Lost(_)), _) => assert!(self.has_lost() || !self.was_started),
            (Some(Ended::Command(code)), Input::Exited(exited)) => {
                assert!(code == exited && !self.has_lost(), "{self:?}");
            }
            (Some(Ended::Signal(signal)), Input::Signal(got)) => {
                assert!(signal == got && !self.was_started);
            }
            (Some(ended), _) => panic!("{ended:?} after {input:?}"),
        }
    }
}

/// Drives a machine as the I/O around it does: it never sleeps past what it wants to be woken for,
/// except when it is frozen.
fn drive(on_suspend: OnSuspend, events: &[(u64, bool, Event)]) {
    let mut machine = Machine::new(Policy {
        on_suspend,
        kill_after: KILL_AFTER,
    });
    let (mut now, mut seen) = (BootInstant::since_boot(LEASE), Seen::default());
    for &(pause, is_frozen, event) in events {
        let next = now + Duration::from_millis(pause);
        while let Some(wake_at) = machine.wake_at().filter(|at| *at <= next && !is_frozen) {
            now = now.max(wake_at);
            step(&mut machine, &mut seen, now, Input::Tick);
        }
        now = next;
        if seen.ended.is_some() || (event.is_of_the_command() && !seen.runs) {
            continue;
        }
        step(&mut machine, &mut seen, now, event.input(now));
    }
}

fn step(machine: &mut Machine, seen: &mut Seen, now: BootInstant, input: Input) {
    let was_running = seen.runs;
    let was_paused = seen.is_paused;
    let deadline_before = seen.deadline;
    let actions = machine.handle(now, input);
    if matches!(input, Input::Exited(_)) {
        seen.runs = false;
    }
    // Late is late: the first thing is that the command is killed.
    if was_running && seen.kills == 0 && deadline_before.is_some_and(|at| at <= now) {
        assert_eq!(actions.first(), Some(&Action::Kill), "{seen:?}");
    }
    for &action in &actions {
        seen.act(action);
    }
    if let (true, Input::Signal(signal)) = (was_running, input)
        && !(was_paused && signal == CONTINUE)
    {
        assert!(
            actions.contains(&Action::Signal(signal)),
            "{signal} dropped"
        );
    }
    seen.check_the_end(input);
    if seen.runs && seen.kills == 0 {
        let deadline = seen.deadline.expect("a running command has a deadline");
        assert!(now < deadline, "{seen:?} runs at {now:?}");
        // It can rely on being woken before, so that a freeze alone makes it late.
        assert!(machine.wake_at().is_some_and(|at| at <= deadline));
    }
}

proptest! {
    #[test]
    fn a_command_never_runs_without_its_lock(
        on_suspend in policy(),
        events in vec((pause(), prop::bool::weighted(0.1), event()), 1..60),
    ) {
        drive(on_suspend, &events);
    }
}
