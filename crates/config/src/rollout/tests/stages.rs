//! From stage to stage.

use super::*;
use dockeeper_model::config::{Admitted, OnFailure, Stage};

fn staged(stages: &[Stage]) -> Policy {
    Policy {
        stages: stages.to_vec(),
        ..Policy::default()
    }
}

#[test]
fn the_default_is_one_container_then_a_quarter_then_all() {
    let mut app = App::publish(10, Policy::default());
    assert_eq!(app.state(), (1, Phase::Rolling));
    assert_eq!(app.settle(), None);
    assert_eq!(app.state(), (1, Phase::Rolling));
    app.all_well();
    assert_eq!(app.state(), (3, Phase::Rolling));
    app.all_well();
    assert_eq!(app.rollout.admitted, Admitted::Everyone);
    assert_eq!(app.rollout.phase, Phase::Rolling);
    app.all_well();
    assert_eq!(app.rollout.phase, Phase::Done);
    assert_eq!(app.rollout.reason, "each of 10 containers is to run it");
}

#[test]
fn the_first_release_and_one_that_nobody_mounts_are_for_everyone_at_once() {
    let members = App::publish(3, Policy::default()).members;
    let rollout = first(None, 1, Policy::default(), &members, START_MS);
    assert_eq!((rollout.phase, rollout.stable), (Phase::Done, None));
    assert_eq!(rollout.admitted, Admitted::Everyone);

    let app = App::publish(0, Policy::default());
    assert_eq!(app.rollout.phase, Phase::Done);
    assert_eq!(app.rollout.stable, Some(1));
}

#[test]
fn canaries_are_well_and_spread_over_the_hosts_and_others_each_time() {
    let mut members: Members = (0..20).map(|n| (name(n), member(n, 5, 1))).collect();
    for sick in (0..20).filter(|number| number % 5 == 0) {
        let member = members.get_mut(&name(sick)).unwrap();
        member.ack.as_mut().unwrap().step = Step::Failed;
    }
    let app = App::publish_for(members, staged(&[Stage::Count(4)]));
    let hosts = app.admitted().into_iter();
    let hosts: BTreeSet<_> = hosts
        .map(|name| app.members[&name].node.to_string())
        .collect();
    assert_eq!(
        hosts.into_iter().collect::<Vec<_>>(),
        ["h1", "h2", "h3", "h4"]
    );

    let canaries = (2..40).flat_map(|release| {
        let one = first(None, release - 1, Policy::default(), &app.members, START_MS);
        let next = first(
            Some(&one),
            release,
            Policy::default(),
            &app.members,
            START_MS,
        );
        app.members
            .keys()
            .find(|name| next.admitted.has(name))
            .cloned()
    });
    let canaries: BTreeSet<_> = canaries.collect();
    assert!(canaries.len() > 8, "{canaries:?}");
}

#[test]
fn a_stage_of_labels_waits_for_labels_that_are_not_known() {
    let mut members: Members = (0..4).map(|n| (name(n), member(n, 2, 1))).collect();
    let labels = [Some("tier=test"), Some("tier=live"), None, Some("")];
    for (number, label) in labels.into_iter().enumerate() {
        let pair = |label: &str| {
            let pair = label.split_once('=');
            pair.map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        members.get_mut(&name(number)).unwrap().labels =
            label.map(|label| pair(label).into_iter().collect());
    }
    let stages = [
        Stage::Label("tier=test".to_owned()),
        Stage::Label("tier".to_owned()),
    ];
    let mut app = App::publish_for(members, staged(&stages));
    app.all_well();
    assert_eq!((app.admitted(), app.rollout.stage), ([name(0)].into(), 1));
    app.members.get_mut(&name(2)).unwrap().labels = Some(BTreeMap::new());
    app.all_well();
    assert_eq!(
        (app.admitted(), app.rollout.stage),
        ([name(0), name(1)].into(), 2)
    );
    app.all_well();
    assert_eq!(app.rollout.phase, Phase::Done);
}

#[test]
fn at_most_so_many_wait_for_their_judgement() {
    let policy = Policy {
        max_parallel: Some(2),
        ..staged(&[Stage::Percent(100)])
    };
    let mut app = App::publish(5, policy);
    for admitted in [2, 4, 5] {
        assert_eq!(app.state(), (admitted, Phase::Rolling));
        app.all_well();
    }
    assert_eq!(app.rollout.phase, Phase::Done);
}

#[test]
fn health_has_to_last() {
    let policy = Policy {
        bake_ms: 60_000,
        ..staged(&[Stage::Count(1), Stage::Percent(100)])
    };
    let mut app = App::publish(4, policy);
    let canary = app.admitted().pop_first().unwrap();
    app.now_ms += 5_000;
    app.all_well();
    assert_eq!(app.rollout.healthy_ms, Some(START_MS + 5_000));
    // It is started again, and nobody need know when before it is well.
    app.now_ms += 50_000;
    app.say(&canary, Step::Swapped, "");
    app.settle();
    assert_eq!(app.rollout.healthy_ms, None);
    app.now_ms += 1_000;
    app.all_well();
    app.now_ms += 59_999;
    app.settle();
    assert_eq!(app.state(), (1, Phase::Rolling));
    app.now_ms += 1;
    app.settle();
    assert_eq!(app.state(), (4, Phase::Rolling));
}

#[test]
fn a_controller_that_comes_late_knows_from_the_hosts_since_when_all_are_healthy() {
    let policy = Policy {
        bake_ms: 60_000,
        ..staged(&[Stage::Count(1), Stage::Percent(100)])
    };
    let mut app = App::publish(4, policy);
    let canary = app.admitted().pop_first().unwrap();
    app.now_ms += 5_000;
    app.say(&canary, Step::Healthy, "");
    app.now_ms += 60_000;
    app.settle();
    assert_eq!(app.state(), (4, Phase::Rolling));
}

#[test]
fn a_failure_beyond_the_budget_leads_back() {
    let policy = Policy {
        failure_budget: 1,
        ..staged(&[Stage::Count(2), Stage::Percent(100)])
    };
    let mut app = App::publish(6, policy);
    let canaries: Vec<_> = app.admitted().into_iter().collect();
    app.say(
        &canaries[0],
        Step::Failed,
        "nginx: [emerg] unexpected end of file",
    );
    app.say(&canaries[1], Step::Healthy, "");
    assert_eq!(app.settle(), None);
    // Another one takes its place.
    assert_eq!(app.state(), (3, Phase::Rolling));
    let other = app
        .admitted()
        .into_iter()
        .find(|name| !canaries.contains(name));
    app.say(&other.unwrap(), Step::Failed, "port 80: connection refused");
    assert_eq!(app.settle(), Some(Action::Rollback { to: 1 }));
    assert_eq!(app.rollout.phase, Phase::Failing);
    let reason = &app.rollout.reason;
    assert!(
        reason.contains("port 80: connection refused; back to release 1"),
        "{reason}"
    );

    let back = everyone(Some(&app.rollout), 3, reason, app.now_ms);
    assert_eq!((back.phase, back.stable), (Phase::Done, Some(1)));
    assert_eq!(back.failures.len(), 2);
    assert_eq!(back.release_for(&canaries[0], Some(2)), 3);
}

#[test]
fn a_container_that_is_not_judged_in_time_has_failed() {
    let policy = Policy {
        on_failure: OnFailure::Pause,
        ..Policy::default()
    };
    let mut app = App::publish(4, policy);
    let canary = app.admitted().pop_first().unwrap();
    app.now_ms += 299_000;
    app.say(&canary, Step::Acted, "health: starting");
    app.settle();
    assert_eq!(app.state(), (1, Phase::Rolling));
    app.now_ms += 1_000;
    assert_eq!(app.settle(), None);
    assert_eq!(app.state(), (1, Phase::Paused));
    let said = "it did not become healthy within 300 s; it is acted: health: starting";
    assert_eq!(app.rollout.failures[0].reason, said);
}

#[test]
fn in_the_last_stage_the_silent_fail_and_newcomers_do_not() {
    let mut app = App::publish(4, staged(&[Stage::Percent(100)]));
    assert_eq!(app.rollout.admitted, Admitted::Everyone);
    for number in 0..4 {
        app.say(&name(number), Step::Healthy, "");
    }
    app.now_ms += 299_000;
    app.members.insert(name(7), member(7, 2, 1));
    app.say(&name(7), Step::Rendered, "");
    app.settle();
    assert_eq!(app.rollout.phase, Phase::Rolling);
    let mut silent = App {
        members: app.members.clone(),
        rollout: app.rollout.clone(),
        ..app
    };
    app.now_ms += 1_000;
    app.settle();
    assert_eq!(app.rollout.phase, Phase::Done);

    silent.members.insert(name(8), member(8, 2, 1));
    silent.now_ms += 1_000;
    assert_eq!(silent.settle(), Some(Action::Rollback { to: 1 }));
    assert_eq!(silent.rollout.failures[0].name, "web-8");
}

#[test]
fn who_is_gone_is_replaced_and_who_is_created_anew_is_admitted() {
    let mut app = App::publish(5, Policy::default());
    let canary = app.admitted().pop_first().unwrap();
    let gone = app.members.remove(&canary).unwrap();
    app.is_settled = false;
    assert_eq!(app.settle(), None);
    assert_eq!(app.state(), (0, Phase::Rolling));
    app.is_settled = true;
    app.settle();
    assert_eq!(app.state(), (1, Phase::Rolling));

    // A successor that runs the release already is not to go back to the one before.
    let second = app.admitted().pop_first().unwrap();
    let heir = app.members.remove(&second).unwrap();
    app.members.insert(name(99), heir);
    app.say(&name(99), Step::Swapped, "");
    app.settle();
    assert_eq!(app.admitted(), [name(99)].into());

    // One that comes back finds what it was told before.
    app.members.insert(canary.clone(), gone);
    assert!(app.admitted().contains(&canary));
    let late = app.now_ms + 3_600_000;
    app.now_ms = late;
    app.say(&name(99), Step::Healthy, "");
    app.settle();
    assert_eq!(app.rollout.pending[&late], [canary].into());
}

#[test]
fn a_release_that_supersedes_another_goes_back_to_the_last_that_reached_all() {
    let mut app = App::publish(8, Policy::default());
    app.all_well();
    assert_eq!(app.rollout.stage, 2);
    let third = first(
        Some(&app.rollout),
        3,
        Policy::default(),
        &app.members,
        START_MS,
    );
    assert_eq!((third.stable, third.stage), (Some(1), 1));
    let canary = app
        .members
        .keys()
        .find(|name| third.admitted.has(name))
        .unwrap();
    assert_eq!(third.release_for(canary, Some(1)), 3);
    let other = app
        .admitted()
        .into_iter()
        .find(|name| name != canary)
        .unwrap();
    assert_eq!(third.release_for(&other, Some(2)), 2);
    assert_eq!(third.release_for(&name(77), None), 1);
}
