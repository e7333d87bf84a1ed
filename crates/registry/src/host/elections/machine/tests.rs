use super::*;
use dockeeper_recipes::Lost;

const TOKEN: i64 = 7;

fn at(seconds: u64) -> BootInstant {
    BootInstant::since_boot(Duration::from_secs(seconds))
}

fn elected() -> Input {
    Input::Elected {
        token: TOKEN,
        session_timeout: Duration::from_secs(16),
    }
}

fn fit() -> Machine {
    Machine::new(Fitness::Fit, Knowledge::Nothing, false, true)
}

fn unfit() -> Input {
    Input::Fitness(Fitness::Unfit("unwell".to_owned()))
}

/// One that leads and has been told.
fn leader() -> Machine {
    let mut machine = fit();
    assert_eq!(machine.handle(at(0), Input::Session(true)), [Effect::Stand]);
    let told = [Effect::Tell(Occasion::Elected)];
    assert_eq!(machine.handle(at(0), elected()), told);
    assert_eq!(machine.status(), (Role::Candidate, None, None));
    assert_eq!(machine.handle(at(0), Input::Told(Ok(()))), []);
    assert_eq!(machine.status(), (Role::Leader, Some(TOKEN), None));
    machine
}

fn suspended(seconds: u64) -> Input {
    Input::Standing(Standing::Suspended { until: at(seconds) })
}

const LOSES: [Effect; 2] = [Effect::Resign, Effect::Tell(Occasion::Lost)];

#[test]
fn whatever_keeps_it_from_standing_resigns_at_once() {
    let frozen = || Fitness::Frozen("paused".to_owned());
    for input in [
        unfit(),
        Input::Session(false),
        Input::Resign,
        Input::Fitness(Fitness::Gone),
    ] {
        let mut machine = leader();
        assert_eq!(machine.handle(at(1), input.clone()), LOSES, "{input:?}");
        assert_eq!(machine.status().0, Role::None);
        let told = machine.handle(at(2), Input::Told(Ok(())));
        assert_eq!(told, [], "{input:?}");
    }
    // One that is paused is told when it can be.
    let mut machine = leader();
    let paused = machine.handle(at(1), Input::Fitness(frozen()));
    assert_eq!(paused, [Effect::Resign]);
    let resumed = machine.handle(at(9), Input::Fitness(Fitness::Fit));
    assert_eq!(resumed, [Effect::Tell(Occasion::Lost)]);
    assert_eq!(machine.handle(at(10), Input::Told(Ok(()))), [Effect::Stand]);
}

#[test]
fn what_is_lost_while_it_is_told_is_told_behind_it() {
    let mut machine = fit();
    machine.handle(at(0), Input::Session(true));
    machine.handle(at(0), elected());
    let lost = Input::Standing(Standing::Lost(Lost::Removed));
    assert_eq!(machine.handle(at(1), lost), [Effect::Resign]);
    let behind = machine.handle(at(2), Input::Told(Ok(())));
    assert_eq!(behind, [Effect::Tell(Occasion::Lost)]);
    // That it failed is said; to run it again would do no good.
    let failed = Input::Told(Err("no".to_owned()));
    assert_eq!(machine.handle(at(3), failed), [Effect::Stand]);
}

#[test]
fn a_hook_that_fails_resigns_and_waits_longer_each_time() {
    let mut machine = fit();
    let mut now = at(0);
    assert_eq!(machine.handle(now, Input::Session(true)), [Effect::Stand]);
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        machine.handle(now, elected());
        let failed = machine.handle(now, Input::Told(Err("no disk".to_owned())));
        assert_eq!(failed, LOSES);
        assert_eq!(machine.handle(now, Input::Told(Ok(()))), []);
        let (role, _, why) = machine.status();
        let expected = "on-elected failed: no disk; it stands again after";
        assert!(role == Role::None && why.unwrap().contains(expected));
        let due = now + Duration::from_secs(pause);
        assert_eq!(machine.deadline(), Some(due));
        now = due;
        assert_eq!(machine.tick(now), [Effect::Stand]);
    }
    machine.handle(now, elected());
    machine.handle(now, Input::Told(Ok(())));
    machine.handle(now, unfit());
    machine.handle(now, Input::Told(Ok(())));
    machine.handle(now, Input::Fitness(Fitness::Fit));
    let refused = machine.handle(now, Input::Refused("foreign".to_owned()));
    assert_eq!(refused, [Effect::Resign]);
    assert_eq!(
        machine.deadline(),
        Some(now + BACKOFF_MIN),
        "success counts"
    );
}

#[test]
fn time_is_left_for_on_lost_before_the_lease_is_over() {
    let sure = |seconds| Input::Standing(Standing::Sure { until: at(seconds) });
    let mut machine = leader();
    assert_eq!(machine.handle(at(0), sure(10)), []);
    assert_eq!(machine.deadline(), Some(at(8)));
    // A lost connection alone gives no more time, and no less.
    assert_eq!(machine.handle(at(7), suspended(10)), []);
    assert_eq!(machine.deadline(), Some(at(8)));
    let mut lucky = machine.clone();
    assert_eq!(lucky.handle(at(7), sure(17)), []);
    assert_eq!(
        (lucky.tick(at(8)), lucky.deadline()),
        (vec![], Some(at(15)))
    );
    assert_eq!(machine.tick(at(8)), LOSES);

    // Without anything to tell it leads for as long as it may.
    let mut mute = Machine::new(Fitness::Fit, Knowledge::Nothing, false, false);
    mute.handle(at(0), Input::Session(true));
    mute.handle(at(0), elected());
    mute.handle(at(0), suspended(6));
    assert_eq!(mute.deadline(), None);
}

#[test]
fn the_next_process_goes_on_without_telling_again() {
    let resumed = |knows, has_seat| {
        let mut machine = Machine::new(Fitness::Fit, knows, has_seat, true);
        let effects = machine.handle(at(0), Input::Session(true));
        (machine, effects)
    };
    let (mut machine, effects) = resumed(Knowledge::Leads, true);
    assert!(effects.is_empty() && machine.is_resuming());
    assert_eq!(machine.handle(at(1), elected()), []);
    assert!(!machine.is_resuming());
    assert_eq!(machine.status(), (Role::Leader, Some(TOKEN), None));

    let (mut machine, effects) = resumed(Knowledge::Nothing, true);
    assert_eq!(effects, [], "a candidate keeps its place");
    let told = [Effect::Tell(Occasion::Elected)];
    assert_eq!(machine.handle(at(1), elected()), told);

    // The session was over meanwhile.
    let (mut machine, effects) = resumed(Knowledge::Leads, false);
    assert_eq!(effects, [Effect::Tell(Occasion::Lost)]);
    assert_eq!(machine.handle(at(1), Input::Told(Ok(()))), [Effect::Stand]);

    // Nobody knows what became of the hook.
    let (mut machine, _) = resumed(Knowledge::Unsure, true);
    assert_eq!(machine.handle(at(1), elected()), LOSES);
}

#[test]
fn it_is_over_when_the_last_word_is_said() {
    let mut machine = leader();
    machine.handle(at(1), Input::Fitness(Fitness::Gone));
    assert!(!machine.is_over());
    machine.handle(at(2), Input::Told(Ok(())));
    assert!(machine.is_over());
    let mut paused = leader();
    paused.handle(at(1), Input::Fitness(Fitness::Frozen("paused".to_owned())));
    assert!(!paused.is_over());
    paused.handle(at(2), Input::Resign);
    assert!(paused.is_over(), "the next process tells it");
    assert_eq!(paused.knows(), Knowledge::Leads);
}
