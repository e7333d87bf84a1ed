//! Many containers, and odd policies.

use super::*;
use dockeeper_model::{
    config::{Admitted, Stage},
    encode,
};

/// What a znode holds is a megabyte, and a multi should have half of it.
const ROLLOUT_LEN_MAX: usize = 400 * 1024;

#[test]
fn ten_thousand_containers_fit_and_more_are_admitted_at_the_end() {
    let policy = Policy {
        stages: vec![Stage::Percent(50), Stage::Percent(90)],
        max_parallel: Some(20_000),
        ..Policy::default()
    };
    let mut app = App::publish(ADMITTED_MAX * 3, policy);
    assert_eq!(app.state(), (ADMITTED_MAX, Phase::Rolling));
    let length = encode(&app.rollout).len();
    assert!(length < ROLLOUT_LEN_MAX, "{length}");
    app.all_well();
    assert_eq!(app.rollout.admitted, Admitted::Everyone);
    assert_eq!((app.rollout.phase, app.rollout.stage), (Phase::Rolling, 2));
    app.all_well();
    assert_eq!(app.rollout.phase, Phase::Done);
}

#[test]
fn failures_are_named_up_to_a_bound_and_counted_beyond() {
    let count = u32::try_from(Rollout::FAILURES_MAX).unwrap() + 5;
    let policy = Policy {
        stages: vec![Stage::Percent(50)],
        failure_budget: count,
        ..Policy::default()
    };
    let mut app = App::publish(100, policy);
    for container in app.admitted().into_iter().take(count as usize) {
        app.say(&container, Step::Failed, &"long ".repeat(1000));
    }
    app.settle();
    assert_eq!(app.rollout.failures.len(), Rollout::FAILURES_MAX);
    assert_eq!(
        (app.rollout.failed(), app.rollout.phase),
        (count as usize, Phase::Rolling)
    );
    assert!(encode(&app.rollout).len() < 20_000);
    let healthy = app
        .admitted()
        .into_iter()
        .find(|name| !app.rollout.has_failed(name));
    app.say(&healthy.unwrap(), Step::Failed, "");
    assert_eq!(app.settle(), Some(Action::Rollback { to: 1 }));
}

#[test]
fn an_odd_policy_ends_too() {
    for stages in [
        vec![],
        vec![Stage::Count(0)],
        vec![Stage::Percent(0), Stage::Percent(255)],
        vec![Stage::Percent(100), Stage::Count(1)],
        vec![Stage::Label("nobody".to_owned())],
    ] {
        let policy = Policy {
            stages: stages.clone(),
            max_parallel: Some(0),
            limit_ms: u64::MAX,
            ..Policy::default()
        };
        let mut app = App::publish(5, policy);
        for _ in 0..5 {
            app.all_well();
        }
        assert_eq!(app.rollout.phase, Phase::Done, "{stages:?}");
    }
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let mut app = App::publish(9, Policy::default());
    app.all_well();
    let container = app.admitted().pop_first().unwrap();
    app.say(&container, Step::Failed, "no");
    app.settle();
    let read = dockeeper_model::decode::<Rollout>(&encode(&app.rollout));
    assert_eq!(read.unwrap(), app.rollout);
    assert!(!app.rollout.pending.is_empty());
}
