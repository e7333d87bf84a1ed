use futures_util::{FutureExt, StreamExt};

use super::*;
use crate::container::Health;
use crate::{Action, Event, Since};

/// What has arrived on a stream so far.
fn arrived(events: &mut Events) -> Vec<Event> {
    std::iter::from_fn(|| events.next().now_or_never().flatten())
        .map(Result::unwrap)
        .collect()
}

fn actions(events: &mut Events) -> Vec<Action> {
    arrived(events)
        .into_iter()
        .map(|event| event.action)
        .collect()
}

#[tokio::test]
async fn a_life_has_the_events_of_a_real_one() {
    let engine = Fake::new(1);
    let mut events = engine.events(Since::NOW).await.unwrap();
    let id = engine.run("web", |c| c.health = Health::Starting);
    let network = || "bridge".to_owned();
    let begun = [
        Action::Create,
        Action::NetworkConnect { network: network() },
        Action::Start,
    ];
    assert_eq!(actions(&mut events), begun);
    let container = engine.inspect(&id).await.unwrap().unwrap();
    assert_eq!(
        (container.state, container.health),
        (State::Running, Health::Starting)
    );
    assert!(container.networks["bridge"].ipv4.is_some());

    assert!(engine.stop(id) && !engine.stop(id));
    let ended = [
        Action::Kill { signal: Some(15) },
        Action::Die { exit_code: 143 },
        Action::NetworkDisconnect { network: network() },
        Action::Stop,
    ];
    assert_eq!(actions(&mut events), ended);
    assert_eq!(engine.list(Scope::Running).await.unwrap(), []);
    assert_eq!(engine.list(Scope::All).await.unwrap(), [id]);
    assert!(engine.remove(id) && !engine.remove(id));
    assert_eq!(actions(&mut events), [Action::Destroy]);
}

#[tokio::test]
async fn volumes_are_mounted_for_each_start() {
    let engine = Fake::new(4);
    let id = engine.create("web", |_| ());
    let text = str::to_owned;
    let mount = VolumeMount {
        volume: text("shop"),
        driver: text("dockeeper"),
        destination: text("/etc/shop"),
        is_writable: false,
    };
    engine.set_volumes(id, vec![mount.clone()]);
    let mut events = engine.events(Since::NOW).await.unwrap();
    engine.start(id);
    let VolumeMount { volume, driver, .. } = mount.clone();
    assert_eq!(
        actions(&mut events)[0],
        Action::VolumeMount { volume, driver }
    );
    let summaries = engine.summaries().await.unwrap();
    assert_eq!(summaries[0].volumes, [mount]);
    let pid = async || engine.inspect(&id).await.unwrap().unwrap().pid;
    let first = pid().await;
    Engine::restart(&engine, &id, Duration::ZERO).await.unwrap();
    assert_ne!(pid().await, first);
    let actions = actions(&mut events);
    assert!(
        actions
            .iter()
            .any(|a| matches!(a, Action::VolumeUnmount { .. })),
        "{actions:?}"
    );
    assert_eq!(actions.last(), Some(&Action::Restart));
}

#[tokio::test]
async fn events_are_repeated_from_a_time_on() {
    let engine = Fake::new(2);
    let mut first = engine.events(Since::NOW).await.unwrap();
    engine.run("web", |_| ());
    let all = arrived(&mut first);
    engine.sever();
    assert!(first.next().await.is_none());
    let mut again = engine.events(Since::Time(all[1].time_ns)).await.unwrap();
    assert_eq!(arrived(&mut again), all[1..]);
}

#[tokio::test]
async fn faults_are_what_they_are_said_to_be() {
    let arrivals = async |faults| {
        let engine = Fake::new(3);
        let mut events = engine.events(Since::NOW).await.unwrap();
        engine.set_faults(faults);
        engine.create("web", |_| ());
        engine.create("db", |_| ());
        engine.settle();
        let times = arrived(&mut events)
            .into_iter()
            .map(|e| e.time_ns / 1_000_000 % 1000);
        times.collect::<Vec<_>>()
    };
    let none = Faults::default();
    let lost = Faults {
        lost_percent: 100,
        ..none
    };
    let twice = Faults {
        twice_percent: 100,
        ..none
    };
    let late = Faults {
        late_percent: 100,
        ..none
    };
    assert_eq!(arrivals(none).await, [1, 2]);
    assert!(arrivals(lost).await.is_empty());
    assert_eq!(arrivals(twice).await, [1, 1, 2, 2]);
    assert_eq!(arrivals(late).await, [2, 1]);
}
