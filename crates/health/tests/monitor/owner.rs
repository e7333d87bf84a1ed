//! What the owner asks for, reports and learns.

use std::collections::HashMap;
use std::time::Duration;

use dockeeper_health::monitor::Error;
use dockeeper_health::{Check, Outcome, Reason, Verdict};
use tokio::time::{Instant, timeout};

use crate::world::{LONG, SECOND, World, command, failing, ttl};

#[tokio::test(start_paused = true)]
async fn setting_the_same_check_again_keeps_its_tally() {
    let mut world = World::start();
    let check = Check {
        rise: 2,
        ..command()
    };
    world.set("a", &check).await;
    world.initial("a").await;
    world.call().await.exit(0);
    let call = world.call().await;
    world.set("a", &check).await;
    call.exit(0);
    assert_eq!(world.change().await, ("a".to_owned(), Verdict::Passing));

    let changed = Check { rise: 3, ..check };
    world.set("a", &changed).await;
    world.initial("a").await;
    for _ in 0..3 {
        assert!(world.changes.try_recv().is_err());
        world.call().await.exit(0);
    }
    assert_eq!(world.change().await, ("a".to_owned(), Verdict::Passing));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_falls_silent_fails() {
    let mut world = World::start();
    world.set("a", &ttl(30 * SECOND)).await;
    world.set("b", &command()).await;
    world.initial("a").await;
    world.initial("b").await;
    let handle = world.handle.clone();
    let unknown = handle.report("c", Outcome::Pass).await;
    assert_eq!(unknown, Err(Error::UnknownCheck { key: "c".into() }));
    let probed = handle.report("b", Outcome::Pass).await;
    assert_eq!(probed, Err(Error::NotTtl { key: "b".into() }));
    handle.remove("b").await.expect("the monitor runs");

    handle
        .report("a", Outcome::Pass)
        .await
        .expect("the check is set");
    let reported = Instant::now();
    assert_eq!(world.change().await, ("a".to_owned(), Verdict::Passing));
    let silent = failing("the service has not reported its health for 30s");
    assert_eq!(world.change().await, ("a".to_owned(), silent));
    let late = reported.elapsed() - 30 * SECOND;
    assert!(late <= Duration::from_millis(1), "{late:?}");
    handle
        .report("a", Outcome::Fail(Reason::new("bad")))
        .await
        .expect("the check is set");
    handle
        .report("a", Outcome::Pass)
        .await
        .expect("the check is set");
    assert_eq!(world.change().await, ("a".to_owned(), Verdict::Passing));
}

#[tokio::test(start_paused = true)]
async fn a_slow_owner_holds_nothing_up_and_learns_the_last_verdict() {
    let mut world = World::start();
    let count = 1000;
    for number in 0..count {
        world.set(&format!("{number}"), &ttl(LONG)).await;
    }
    for number in 0..count {
        world
            .handle
            .report(format!("{number}"), Outcome::Pass)
            .await
            .expect("the check is set");
    }
    let mut last = HashMap::new();
    while last
        .values()
        .filter(|verdict| **verdict == Verdict::Passing)
        .count()
        < count
    {
        let (key, verdict) = world.change().await;
        last.insert(key, verdict);
    }
}

#[tokio::test(start_paused = true)]
async fn the_monitor_stops_with_its_owner() {
    let World {
        handle,
        changes,
        task,
        ..
    } = World::start();
    drop(changes);
    timeout(SECOND, task)
        .await
        .expect("it stops")
        .expect("it does not panic");
    assert_eq!(handle.remove("a").await, Err(Error::Stopped));

    let World {
        handle,
        mut changes,
        task,
        ..
    } = World::start();
    drop(handle);
    timeout(SECOND, task)
        .await
        .expect("it stops")
        .expect("it does not panic");
    assert_eq!(changes.recv().await, None);
}
