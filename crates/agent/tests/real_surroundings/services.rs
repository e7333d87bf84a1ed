use crate::world::{World, instance};
use dockeeper_config::{host::surroundings::Following, template::Asked};
use dockeeper_model::{Instance, ServiceName, layout};
use dockeeper_testbed::wait::soon;

fn web() -> ServiceName {
    "web".parse().unwrap()
}

fn asked() -> Asked {
    Asked {
        services: [web()].into(),
        ..Asked::default()
    }
}

fn seen(following: &Following) -> Vec<Instance> {
    let mut instances = following.facts(None).service(&web()).unwrap();
    instances.sort_by(|one, other| one.id.cmp(&other.id));
    instances
}

fn sorted(numbers: impl IntoIterator<Item = u16>) -> Vec<Instance> {
    let mut instances: Vec<_> = numbers.into_iter().map(instance).collect();
    instances.sort_by(|one, other| one.id.cmp(&other.id));
    instances
}

/// Waits until exactly these are seen. Not one look on the way may show none.
async fn until_seen(following: &mut Following, expected: &[Instance]) {
    soon("the instances", async {
        while seen(following) != expected {
            assert!(!seen(following).is_empty());
            following.changed().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_followed_through_scaling_a_cut_and_a_restart() {
    let world = World::start().await;
    let mut following = world.surroundings.follow(&asked());
    soon("it is known that there is none", following.ready()).await;
    assert!(seen(&following).is_empty());
    world.register(&instance(1)).await;
    soon("the first instance", following.changed()).await;
    assert_eq!(seen(&following), sorted([1]));
    let scale = async {
        for number in 2..=20 {
            world.register(&instance(number)).await;
        }
    };
    let all = sorted(1..=20);
    tokio::join!(scale, until_seen(&mut following, &all));

    // While the connection is cut, what was seen remains; then everything is right again.
    world.proxy.block();
    let path = |number| layout::instance(&web(), &instance(number).id);
    world.others.delete(&path(1), None).await.unwrap();
    world.register(&instance(21)).await;
    assert_eq!(seen(&following), sorted(1..=20));
    world.proxy.unblock();
    until_seen(&mut following, &sorted(2..=21)).await;

    let server = world.testbed.zookeeper().server(0);
    server.kill().await.unwrap();
    assert_eq!(seen(&following), sorted(2..=21));
    server.start().await.unwrap();
    server.serving().await.unwrap();
    world.others.delete(&path(2), None).await.unwrap();
    until_seen(&mut following, &sorted(3..=21)).await;
    world.testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_session_goes_on() {
    let world = World::start().await;
    let mut following = world.surroundings.follow(&asked());
    world.register(&instance(1)).await;
    until_known(&mut following).await;
    until_seen(&mut following, &sorted([1])).await;
    world.surroundings.set_session(None);
    world.client.clone().close().await;
    world.register(&instance(2)).await;
    assert_eq!(seen(&following), sorted([1]));
    let next = crate::world::connect(&world.proxy.endpoint().to_string()).await;
    world.surroundings.set_session(Some(next));
    until_seen(&mut following, &sorted([1, 2])).await;
    world.testbed.shutdown().await.unwrap();
}

async fn until_known(following: &mut Following) {
    soon("the first reading", async {
        following.ready().await;
        while seen(following).is_empty() {
            following.changed().await;
        }
    })
    .await;
}
