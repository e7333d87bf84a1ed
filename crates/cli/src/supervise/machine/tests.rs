use super::*;
use dockeeper_zk_client::Ended as SessionEnded;

const TERM: SignalNumber = rustix::process::Signal::TERM.as_raw();
const KILL_AFTER: Duration = Duration::from_secs(2);

fn at(seconds: u64) -> BootInstant {
    BootInstant::since_boot(Duration::from_secs(seconds))
}

fn sure(until: u64) -> Input {
    Input::Standing(Standing::Sure { until: at(until) })
}

fn suspended(until: u64) -> Input {
    Input::Standing(Standing::Suspended { until: at(until) })
}

fn lost(why: Lost) -> Input {
    Input::Standing(Standing::Lost(why))
}

fn machine(on_suspend: OnSuspend) -> Machine {
    Machine::new(Policy {
        on_suspend,
        kill_after: KILL_AFTER,
    })
}

/// With a command that runs since 0, and a lock until 10.
fn running(on_suspend: OnSuspend) -> Machine {
    let mut machine = machine(on_suspend);
    let actions = machine.handle(at(0), sure(10));
    assert_eq!(actions, [Action::Start, Action::Deadline(at(10))]);
    machine
}

#[test]
fn a_command_that_ends_in_time_decides_the_exit_code() {
    let mut machine = running(OnSuspend::Continue);
    assert_eq!(machine.wake_at(), Some(at(8)));
    assert_eq!(machine.handle(at(4), sure(14)), [Action::Deadline(at(14))]);
    assert_eq!(machine.handle(at(9), Input::Tick), []);
    assert_eq!(
        machine.handle(at(10), Input::Exited(3)),
        [Action::End(Ended::Command(3))]
    );
    assert_eq!(machine.wake_at(), None);
}

#[test]
fn a_lease_that_runs_out_ends_the_command_before_it_is_over() {
    let mut machine = running(OnSuspend::Continue);
    assert_eq!(machine.handle(at(5), suspended(10)), []);
    assert_eq!(
        machine.handle(at(8), Input::Tick),
        [Action::Deadline(at(10)), Action::Terminate]
    );
    // Too late: the command has been told.
    assert_eq!(machine.handle(at(9), sure(19)), []);
    assert_eq!(machine.wake_at(), Some(at(10)));
    assert_eq!(machine.handle(at(10), Input::Tick), [Action::Kill]);
    assert_eq!(
        machine.handle(at(10), Input::Exited(137)),
        [Action::End(Ended::Lost(Why::Lost(Lost::LeaseOver)))]
    );
}

#[test]
fn what_a_command_that_obeys_leaves_behind_is_killed() {
    let mut machine = running(OnSuspend::Continue);
    machine.handle(at(8), Input::Tick);
    assert_eq!(
        machine.handle(at(9), Input::Exited(0)),
        [
            Action::Kill,
            Action::End(Ended::Lost(Why::Lost(Lost::LeaseOver)))
        ]
    );
}

#[test]
fn whoever_was_frozen_kills_before_anything_else() {
    for input in [sure(40), Input::Signal(TERM), Input::Resumed] {
        let mut machine = running(OnSuspend::Continue);
        let actions = machine.handle(at(30), input);
        assert_eq!(actions.first(), Some(&Action::Kill), "{input:?}");
        assert_eq!(
            machine.handle(at(30), Input::Exited(137)),
            [Action::End(Ended::Lost(Why::Lost(Lost::LeaseOver)))]
        );
    }
}

#[test]
fn a_paused_command_goes_on_when_the_lock_is_certain_again() {
    let mut machine = running(OnSuspend::Pause);
    assert_eq!(machine.handle(at(1), suspended(10)), [Action::Pause]);
    assert_eq!(machine.handle(at(2), Input::Signal(CONTINUE)), []);
    assert_eq!(
        machine.handle(at(2), Input::Signal(TERM)),
        [Action::Signal(TERM)]
    );
    assert_eq!(
        machine.handle(at(3), sure(13)),
        [Action::Deadline(at(13)), Action::Resume]
    );
    assert_eq!(
        machine.handle(at(3), Input::Signal(CONTINUE)),
        [Action::Signal(CONTINUE)]
    );
}

#[test]
fn a_command_that_must_not_run_without_zookeeper_is_ended_at_once() {
    let mut machine = running(OnSuspend::Stop);
    assert_eq!(
        machine.handle(at(1), suspended(10)),
        [Action::Deadline(at(10)), Action::Terminate]
    );
    assert_eq!(
        machine.handle(at(2), Input::Exited(143)),
        [Action::Kill, Action::End(Ended::Lost(Why::Suspended))]
    );
}

#[test]
fn a_broken_lock_leaves_time_to_clean_up_and_an_ended_session_none() {
    let mut machine = running(OnSuspend::Continue);
    assert_eq!(
        machine.handle(at(1), lost(Lost::Removed)),
        [Action::Deadline(at(3)), Action::Terminate]
    );
    assert_eq!(machine.handle(at(3), Input::Tick), [Action::Kill]);

    let mut machine = running(OnSuspend::Continue);
    let actions = machine.handle(at(1), lost(Lost::SessionOver(SessionEnded::Expired)));
    assert!(actions.contains(&Action::Kill), "{actions:?}");
}

#[test]
fn a_stop_is_handed_on_and_its_end_too() {
    let mut machine = running(OnSuspend::Continue);
    assert_eq!(
        machine.handle(at(1), Input::Stopped),
        [Action::StopOurselves]
    );
    assert_eq!(
        machine.handle(at(2), Input::Resumed),
        [Action::Signal(CONTINUE)]
    );
}

#[test]
fn what_has_not_begun_is_not_killed() {
    let mut waiting = machine(OnSuspend::Continue);
    // Not long enough to begin anything.
    assert_eq!(waiting.handle(at(9), sure(10)), []);
    assert_eq!(
        waiting.handle(at(9), Input::Signal(TERM)),
        [Action::End(Ended::Signal(TERM))]
    );
    let mut waiting = machine(OnSuspend::Continue);
    assert_eq!(
        waiting.handle(at(9), lost(Lost::Removed)),
        [Action::End(Ended::Lost(Why::Lost(Lost::Removed)))]
    );
}

#[test]
fn a_guard_that_was_not_told_in_time_has_killed_for_a_lost_lock() {
    let mut machine = running(OnSuspend::Continue);
    let actions = machine.handle(at(1), Input::Overdue);
    assert_eq!(actions, [Action::Kill]);
    assert_eq!(
        machine.handle(at(1), Input::Exited(137)),
        [Action::End(Ended::Lost(Why::Lost(Lost::LeaseOver)))]
    );
}
