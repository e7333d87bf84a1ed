use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::FutureExt;
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::time::{Instant, timeout};

use super::*;
use crate::fake::{Fake, Faults};
use crate::{Action, Container, ContainerId, Scope};

fn start() -> (Arc<Fake>, Changes, Receiver<Status>) {
    let engine = Arc::new(Fake::new(1));
    let config = Config {
        seed: 1,
        ..Config::default()
    };
    let (changes, status) = watch(Arc::clone(&engine), &config);
    (engine, changes, status)
}

/// The next change. The clock is paused and jumps ahead, so that waiting takes no time.
async fn next(changes: &mut Changes) -> Change {
    let next = timeout(Duration::from_secs(3600), changes.next()).await;
    next.expect("no change within an hour")
        .expect("the stream never ends")
}

async fn reason(changes: &mut Changes) -> Reason {
    match next(changes).await {
        Change::Resync { reason } => reason,
        other @ Change::Event(_) => panic!("{other:?} instead of a resync"),
    }
}

async fn action(changes: &mut Changes) -> Action {
    match next(changes).await {
        Change::Event(event) => event.action,
        other @ Change::Resync { .. } => panic!("{other:?} instead of an event"),
    }
}

#[tokio::test(start_paused = true)]
async fn it_starts_with_a_resync() {
    let (engine, mut changes, status) = start();
    assert_eq!(status.borrow().link, Link::Connecting);
    assert_eq!(reason(&mut changes).await, Reason::Start);
    assert_eq!(status.borrow().link, Link::Up);
    engine.create("web", |_| ());
    assert_eq!(action(&mut changes).await, Action::Create);
}

#[tokio::test(start_paused = true)]
async fn what_happened_shortly_before_the_watch_is_told_when_it_is_asked_for() {
    let engine = Arc::new(Fake::new(1));
    for replay in [Duration::ZERO, Duration::from_secs(300)] {
        let id = engine.create("web", |_| ());
        let config = Config {
            replay,
            ..Config::default()
        };
        let (mut changes, _) = watch(Arc::clone(&engine), &config);
        assert_eq!(reason(&mut changes).await, Reason::Start);
        if !replay.is_zero() {
            assert_eq!(action(&mut changes).await, Action::Create);
            assert_eq!(action(&mut changes).await, Action::Destroy);
            assert_eq!(action(&mut changes).await, Action::Create);
        }
        engine.remove(id);
        assert_eq!(action(&mut changes).await, Action::Destroy);
    }
}

#[tokio::test(start_paused = true)]
async fn what_happens_while_the_stream_is_lost_is_told_once() {
    let (engine, mut changes, status) = start();
    reason(&mut changes).await;
    let id = engine.create("web", |_| ());
    assert_eq!(action(&mut changes).await, Action::Create);
    engine.sever();
    engine.rename(id, "db");
    assert_eq!(reason(&mut changes).await, Reason::Closed);
    assert!(matches!(action(&mut changes).await, Action::Rename { .. }));
    engine.remove(id);
    assert_eq!(action(&mut changes).await, Action::Destroy);
    assert_eq!(status.borrow().losses, 1);
}

#[tokio::test(start_paused = true)]
async fn a_silent_engine_that_answers_is_not_given_up() {
    let (_engine, mut changes, _status) = start();
    reason(&mut changes).await;
    let idle = timeout(Duration::from_secs(3600), changes.next()).await;
    assert!(idle.is_err(), "{idle:?}");
}

#[tokio::test(start_paused = true)]
async fn a_half_open_connection_is_found_and_replaced() {
    let (engine, mut changes, status) = start();
    reason(&mut changes).await;
    engine.set_reachable(false);
    let begun = Instant::now();
    let resync = async {
        let mut changed = status.clone();
        changed
            .wait_for(|status| status.link == Link::Down)
            .await
            .unwrap();
        assert_eq!(begun.elapsed(), Config::default().ping_interval);
        tokio::time::sleep(Duration::from_secs(60)).await;
        engine.set_reachable(true);
        Instant::now()
    };
    let (reason, reachable) = tokio::join!(reason(&mut changes), resync);
    assert!(
        matches!(reason, Reason::Failed(Error::Unreachable { .. })),
        "{reason}"
    );
    assert!(reachable.elapsed() <= backoff::LONGEST);
    assert_eq!(status.borrow().link, Link::Up);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_closes_every_stream_is_not_asked_all_the_time() {
    let (engine, mut changes, _status) = start();
    let begun = Instant::now();
    for _ in 0..20 {
        reason(&mut changes).await;
        engine.sever();
    }
    assert!(begun.elapsed() > 5 * backoff::LONGEST);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_lasted_is_replaced_soon() {
    let (engine, mut changes, _status) = start();
    for _ in 0..20 {
        reason(&mut changes).await;
        engine.sever();
    }
    reason(&mut changes).await;
    tokio::time::advance(backoff::LONGEST).await;
    engine.sever();
    let begun = Instant::now();
    reason(&mut changes).await;
    assert!(begun.elapsed() < backoff::LONGEST / 10);
}

/// A reader as it should be: an event makes it look at one container, a resync at all.
#[derive(Default)]
struct Reader(BTreeMap<ContainerId, Container>);

impl Reader {
    async fn read(&mut self, engine: &Fake, change: Change) {
        let ids = match change {
            Change::Event(event) => vec![event.id],
            Change::Resync { .. } => {
                self.0.clear();
                engine.list(Scope::All).await.unwrap()
            }
        };
        for id in ids {
            match engine.inspect(&id).await.unwrap() {
                Some(container) => drop(self.0.insert(id, container)),
                None => drop(self.0.remove(&id)),
            }
        }
    }
}

fn act(engine: &Fake, ids: &mut Vec<ContainerId>, what: u8, which: usize) {
    let Some(id) = ids.get(which % ids.len().max(1)).copied() else {
        return ids.push(engine.run("first", |_| ()));
    };
    match what {
        0 => ids.push(engine.run("another", |_| ())),
        1 => drop(engine.stop(id)),
        2 => drop(engine.start(id)),
        3 => drop(engine.rename(id, "renamed")),
        4 => drop(engine.remove(id)),
        5 => drop(engine.pause(id)),
        _ => engine.sever(),
    }
}

/// Whether the reader ends up with the engine's containers.
async fn converges(acts: &[(u8, usize, bool)], faults: Faults, sever: bool) -> bool {
    let (engine, mut changes, _status) = start();
    let mut reader = Reader::default();
    let mut ids = Vec::new();
    engine.set_faults(faults);
    for &(what, which, read) in acts {
        act(&engine, &mut ids, what, which);
        if read && let Some(Some(change)) = changes.next().now_or_never() {
            reader.read(&engine, change).await;
        }
    }
    engine.settle();
    if sever {
        engine.sever();
    }
    while let Ok(Some(change)) = timeout(Duration::from_secs(3), changes.next()).await {
        reader.read(&engine, change).await;
    }
    reader.0.into_values().eq(engine.containers())
}

fn run(test: impl Future<Output = bool>) -> bool {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    runtime.unwrap().block_on(test)
}

proptest! {
    #[test]
    fn a_reader_converges_when_events_come_late_or_twice(
        acts in vec((0..7_u8, any::<usize>(), any::<bool>()), 0..60),
        late_percent in 0..50_u8,
        twice_percent in 0..50_u8,
    ) {
        let faults = Faults { late_percent, twice_percent, ..Faults::default() };
        prop_assert!(run(converges(&acts, faults, false)));
    }

    #[test]
    fn a_reader_converges_after_a_resync_whatever_was_lost(
        acts in vec((0..7_u8, any::<usize>(), any::<bool>()), 0..60),
        lost_percent in 0..=100_u8,
    ) {
        let faults = Faults { lost_percent, ..Faults::default() };
        prop_assert!(run(converges(&acts, faults, true)));
    }
}
