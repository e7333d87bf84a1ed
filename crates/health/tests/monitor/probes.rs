//! When probes run, and how many.

use std::sync::atomic::Ordering;
use std::time::Duration;

use dockeeper_health::monitor::PROBES_IN_FLIGHT_MAX;
use dockeeper_health::{Check, Verdict};
use tokio::time::{Instant, sleep_until, timeout};

use crate::world::{SECOND, World, command, failing};

#[tokio::test(start_paused = true)]
async fn probes_come_at_their_interval_and_change_the_verdict() {
    let mut world = World::start();
    let begin = Instant::now();
    world.set("a", &command()).await;
    world.initial("a").await;

    let first = world.call().await;
    assert_eq!(first.container, "a");
    assert!(
        first.at <= begin + SECOND + Duration::from_millis(1),
        "{:?}",
        first.at - begin
    );
    let mut last = first.at;
    first.exit(0);
    assert_eq!(world.change().await, ("a".to_owned(), Verdict::Passing));
    for exit_code in [0, 0, 1] {
        let call = world.call().await;
        let late = call.at - last - Duration::from_secs(10);
        assert!(late <= Duration::from_millis(1), "{late:?}");
        last = call.at;
        call.exit(exit_code);
    }
    let verdict = failing("the command exited with 1: out");
    assert_eq!(world.change().await, ("a".to_owned(), verdict));
}

#[tokio::test(start_paused = true)]
async fn starts_are_spread() {
    let mut world = World::start();
    let begin = Instant::now();
    for number in 0..50 {
        world.set(&format!("{number}"), &command()).await;
    }
    let mut starts = Vec::new();
    for _ in 0..50 {
        starts.push((world.call().await.at - begin).as_millis());
    }
    assert!(starts.is_sorted());
    starts.dedup();
    assert!(starts.len() > 25, "{starts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hanging_probe_fails_and_never_runs_twice() {
    let mut world = World::start();
    let check = Check {
        interval: SECOND,
        timeout: 30 * SECOND,
        ..command()
    };
    world.set("a", &check).await;
    world.initial("a").await;
    let hanging = world.call().await;
    let (_, verdict) = world.change().await;
    assert_eq!(
        verdict,
        failing("the command: not done within the time limit of 30s")
    );
    // Thirty intervals have passed, yet this is the second probe.
    let next = world.call().await;
    assert!(next.at >= hanging.at + 30 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn so_many_probes_run_at_a_time_and_the_others_wait() {
    let mut world = World::start();
    for number in 0..PROBES_IN_FLIGHT_MAX + 20 {
        world.set(&format!("{number}"), &command()).await;
    }
    let mut running = Vec::new();
    for _ in 0..PROBES_IN_FLIGHT_MAX {
        running.push(world.call().await);
    }
    // All the others fall due meanwhile.
    assert!(timeout(2 * SECOND, world.calls.recv()).await.is_err());
    let first = running.remove(0);
    first.exit(0);
    world.call().await;
}

#[tokio::test(start_paused = true)]
async fn removal_cancels_the_probe() {
    let mut world = World::start();
    world.set("a", &command()).await;
    let mut call = world.call().await;
    world.handle.remove("a").await.expect("the monitor runs");
    timeout(SECOND, call.reply.closed())
        .await
        .expect("the probe is dropped");
    assert!(timeout(60 * SECOND, world.calls.recv()).await.is_err());
    // Removing what is not there does no harm.
    world.handle.remove("a").await.expect("the monitor runs");
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_panics_fails_and_the_others_go_on() {
    let mut world = World::start();
    world.set("panic", &command()).await;
    world.initial("panic").await;
    let (key, verdict) = world.change().await;
    assert_eq!(key, "panic");
    assert!(
        verdict.to_string().contains("the probe crashed"),
        "{verdict}"
    );
    world.set("a", &command()).await;
    world.initial("a").await;
    world.call().await.exit(0);
    assert_eq!(world.change().await, ("a".to_owned(), Verdict::Passing));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_polled_between_probes() {
    let mut world = World::start();
    for number in 0..200 {
        world.set(&format!("{number}"), &command()).await;
    }
    let end = Instant::now() + 100 * SECOND;
    let mut probes = 0;
    loop {
        tokio::select! {
            Some(call) = world.calls.recv() => {
                call.exit(0);
                probes += 1;
            }
            Some(_) = world.changes.recv() => {}
            () = sleep_until(end) => break,
        }
    }
    assert!((1900..=2000).contains(&probes), "{probes}");
    // Each probe falls due and ends; the rest is for setting up and for the changes.
    let polls = world.polls.load(Ordering::Relaxed);
    assert!(
        polls < 2 * probes + 1000,
        "{polls} polls for {probes} probes"
    );
}
