//! Who asks for the same shares a watch.

use crate::world::{World, asked_for_orders, count, orders};
use dockeeper_config::{
    host::surroundings::{Following, QUESTIONS_MAX},
    template::{Asked, Node},
};
use dockeeper_testbed::wait::soon;
use futures_util::future::join_all;

#[tokio::test]
async fn a_hundred_that_ask_for_the_same_share_one_watch() {
    let world = World::start().await;
    let surroundings = world.connected();
    world.fake.instances.send_replace(Some(1));
    let mut following: Vec<_> = (0..100)
        .map(|_| surroundings.follow(&asked_for_orders()))
        .collect();
    for one in &following {
        soon("what was asked for is read", one.ready()).await;
        assert_eq!(count(one), Ok(1));
    }
    world.fake.instances.send_replace(Some(20));
    let changes = following.iter_mut().map(Following::changed);
    soon("a change", join_all(changes)).await;
    assert!(following.iter().all(|one| count(one) == Ok(20)));
    assert_eq!(*world.fake.followed.borrow(), [orders()]);

    let last = following.pop();
    drop(following);
    assert_eq!(*world.fake.following.borrow(), 1);
    drop(last);
    let mut watched = world.fake.following.subscribe();
    let ended = watched.wait_for(|count| *count == 0);
    drop(soon("the end of the watch", ended).await.unwrap());
    // Whoever asks again begins anew.
    let again = surroundings.follow(&asked_for_orders());
    soon("what was asked for is read", again.ready()).await;
    assert_eq!(world.fake.followed.borrow().len(), 2);
}

#[tokio::test]
async fn too_many_questions_are_refused() {
    let world = World::start().await;
    let surroundings = world.connected();
    world.fake.instances.send_replace(Some(1));
    let names = (0..QUESTIONS_MAX).map(|number| format!("s{number}").parse().unwrap());
    let many = Asked {
        services: names.collect(),
        ..Asked::default()
    };
    let many = surroundings.follow(&many);
    soon("all is read", many.ready()).await;
    let one_more = surroundings.follow(&asked_for_orders());
    soon("it is refused", one_more.ready()).await;
    let error = count(&one_more).unwrap_err();
    assert!(error.contains("ask for 1000 things already"), "{error}");
    drop((many, one_more));
    let again = surroundings.follow(&asked_for_orders());
    soon("what was asked for is read", again.ready()).await;
    assert_eq!(count(&again), Ok(1));
}

#[tokio::test]
async fn the_host_is_told_when_it_is_known() {
    let world = World::start().await;
    let surroundings = world.connected();
    let asked = Asked {
        node: true,
        leaders: ["db".parse().unwrap()].into(),
        ..Asked::default()
    };
    let mut following = surroundings.follow(&asked);
    let facts = following.facts(None);
    assert!(facts.node().is_err() && facts.container().is_err());
    let node = Node {
        name: "h1".to_owned(),
        ..Node::default()
    };
    world.node.send_replace(Some(node.clone()));
    soon("the host is known", following.changed()).await;
    soon("all is known", following.ready()).await;
    assert_eq!(following.facts(None).node(), Ok(node));
    // What a rendering has begun with does not change.
    assert!(facts.node().is_err());
    let error = following
        .facts(None)
        .leader(&"db".parse().unwrap())
        .unwrap_err();
    assert!(
        error.to_string().contains("nobody may see who leads"),
        "{error}"
    );
}
