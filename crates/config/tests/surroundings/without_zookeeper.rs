//! ZooKeeper is away, and comes back.

use crate::world::{World, asked_for_orders, count};
use dockeeper_config::host::surroundings::AWAY_AFTER;
use dockeeper_testbed::wait::{soon, until};
use futures_util::FutureExt;
use std::{fs, time::Duration};
use tokio::time::Instant;

const LIMIT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn what_was_read_remains() {
    let mut world = World::start().await;
    let surroundings = world.connected();
    world.fake.instances.send_replace(Some(3));
    let mut following = surroundings.follow(&asked_for_orders());
    soon("what was asked for is read", following.ready()).await;
    assert_eq!(count(&following), Ok(3));
    world.lose_server().await;
    surroundings.set_session(None);
    let away = tokio::time::timeout(AWAY_AFTER * 2, following.changed()).await;
    assert!(away.is_err(), "nothing has changed");
    assert_eq!(count(&following), Ok(3));
}

#[tokio::test]
async fn an_earlier_answer_counts_only_while_zookeeper_is_away() {
    let world = World::start().await;
    let earlier = world.connected();
    world.fake.instances.send_replace(Some(3));
    let following = earlier.follow(&asked_for_orders());
    soon("what was asked for is read", following.ready()).await;
    until("the answer is kept", LIMIT, async || {
        let kept = fs::read_dir(world.kept()).map_err(|error| error.to_string())?;
        let is_kept = |name: String| name.ends_with(".json");
        let mut names = kept.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.any(is_kept).then_some(()).ok_or("nothing".to_owned())
    })
    .await
    .unwrap();
    drop((following, earlier));
    world.fake.instances.send_replace(None);

    // The next process of the agent. At first nobody knows whether ZooKeeper is away.
    let (surroundings, _) = world.surroundings();
    let began = Instant::now();
    let mut following = surroundings.follow(&asked_for_orders());
    assert!(following.ready().now_or_never().is_none());
    let error = count(&following).unwrap_err();
    assert!(error.contains("has not been reached yet"), "{error}");
    soon("ZooKeeper is away", following.ready()).await;
    assert!(began.elapsed() >= AWAY_AFTER);
    soon("an earlier answer can be used", following.changed()).await;
    assert_eq!(count(&following), Ok(3));
    // What was never read is not empty.
    let mut other = asked_for_orders();
    other.services = ["never-read".parse().unwrap()].into();
    let unread = surroundings.follow(&other);
    soon("it is known that it is not known", unread.ready()).await;
    let unread = unread.facts(None).service(&"never-read".parse().unwrap());
    let error = unread.unwrap_err().to_string();
    assert!(error.contains("no earlier answer"), "{error}");

    // It is back: nothing but what it says counts.
    surroundings.set_session(Some(world.client.clone()));
    soon("the earlier answer is void", following.changed()).await;
    let error = count(&following).unwrap_err();
    assert!(error.contains("being read"), "{error}");
    world.fake.instances.send_replace(Some(0));
    soon("it is read", following.changed()).await;
    assert_eq!(count(&following), Ok(0));
}

#[tokio::test]
async fn a_damaged_answer_is_none() {
    let world = World::start().await;
    let earlier = world.connected();
    world.fake.instances.send_replace(Some(3));
    let following = earlier.follow(&asked_for_orders());
    soon("what was asked for is read", following.ready()).await;
    let path = until("the answer is kept", LIMIT, async || {
        let mut kept = fs::read_dir(world.kept()).map_err(|error| error.to_string())?;
        let path = kept.next().ok_or("nothing")?.unwrap().path();
        let is_whole = path.extension().is_some_and(|end| end == "json");
        is_whole
            .then_some(path)
            .ok_or("it is being written".to_owned())
    });
    let path = path.await.unwrap();
    drop((following, earlier));
    let content = fs::read(&path).unwrap();
    fs::write(&path, &content[..content.len() / 2]).unwrap();
    let (surroundings, _) = world.surroundings();
    let following = surroundings.follow(&asked_for_orders());
    soon("ZooKeeper is away", following.ready()).await;
    let error = count(&following).unwrap_err();
    assert!(error.contains("no earlier answer"), "{error}");
}
