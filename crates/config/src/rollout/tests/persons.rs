//! What people order.

use super::*;
use dockeeper_model::config::OnFailure;

impl App {
    fn order(&mut self, what: Order) -> Result<(), Refused> {
        self.rollout = order(&self.rollout, what, "ann@desk", self.now_ms)?;
        Ok(())
    }
}

#[test]
fn a_paused_rollout_goes_on_where_it_stood() {
    let mut app = App::publish(10, Policy::default());
    app.order(Order::Pause).unwrap();
    assert_eq!(app.rollout.reason, "ann@desk paused it");
    app.all_well();
    assert_eq!(app.state(), (1, Phase::Paused));
    assert_eq!(app.order(Order::Pause), Err(Refused::Paused(2)));
    app.order(Order::Resume).unwrap();
    app.settle();
    assert_eq!(app.state(), (3, Phase::Rolling));
    assert_eq!(app.order(Order::Resume), Err(Refused::NotPaused(2)));
}

#[test]
fn who_resumes_a_failed_rollout_puts_up_with_the_failures_so_far() {
    let policy = Policy {
        on_failure: OnFailure::Pause,
        ..Policy::default()
    };
    let mut app = App::publish(10, policy);
    let canary = app.admitted().pop_first().unwrap();
    app.say(&canary, Step::Failed, "no");
    assert_eq!(app.settle(), None);
    assert_eq!(app.rollout.phase, Phase::Paused);
    app.order(Order::Resume).unwrap();
    app.settle();
    assert_eq!(app.state(), (2, Phase::Rolling));
    let other = app
        .admitted()
        .into_iter()
        .find(|name| *name != canary)
        .unwrap();
    app.say(&other, Step::Failed, "no");
    app.settle();
    assert_eq!(app.rollout.phase, Phase::Paused);
    let reason = &app.rollout.reason;
    assert!(
        reason.starts_with("2 failed with release 2, and 0 more than the 1"),
        "{reason}"
    );
}

#[test]
fn each_stage_after_the_first_waits_for_its_approval() {
    let policy = Policy {
        approval: true,
        ..Policy::default()
    };
    let mut app = App::publish(10, policy);
    assert_eq!(app.order(Order::Approve), Err(Refused::NotAwaited(2)));
    for admitted in [1, 3] {
        app.all_well();
        assert_eq!(app.state(), (admitted, Phase::AwaitingApproval));
        app.order(Order::Approve).unwrap();
        app.settle();
        assert_eq!(app.rollout.phase, Phase::Rolling);
    }
    app.all_well();
    assert_eq!(app.rollout.phase, Phase::Done);
    assert_eq!(app.order(Order::Abort), Err(Refused::Done(2)));
}

#[test]
fn a_failure_does_not_wait_for_an_approval() {
    let policy = Policy {
        approval: true,
        ..Policy::default()
    };
    let mut app = App::publish(10, policy);
    app.all_well();
    let canary = app.admitted().pop_first().unwrap();
    app.say(&canary, Step::Failed, "out of memory");
    assert_eq!(app.settle(), Some(Action::Rollback { to: 1 }));
}

#[test]
fn a_way_back_that_failed_is_tried_again_when_a_person_says_so() {
    let mut app = App::publish(10, Policy::default());
    app.order(Order::Abort).unwrap();
    assert_eq!(app.settle(), Some(Action::Rollback { to: 1 }));
    assert_eq!(app.order(Order::Abort), Err(Refused::GoingBack(2)));
    app.rollout = rollback_failed(&app.rollout, "release 1 is not there any more", app.now_ms);
    assert_eq!(app.settle(), None);
    let reason = "ann@desk gave it up; back to release 1; the way back failed: release 1 is not \
                  there any more";
    assert_eq!(app.rollout.reason, reason);
    assert_eq!(app.order(Order::Resume), Err(Refused::GoingBack(2)));
    app.order(Order::Abort).unwrap();
    assert_eq!(app.settle(), Some(Action::Rollback { to: 1 }));
}
