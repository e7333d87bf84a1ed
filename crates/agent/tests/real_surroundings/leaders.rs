use crate::world::{World, instance};
use dockeeper_config::{
    host::surroundings::Following,
    template::{Asked, Leader},
};
use dockeeper_model::{
    ContainerRecord, ElectionStatus, Holder, LockName, NodeName, NodeRecord,
    container::InstanceStatus,
    election::Role,
    encode,
    holder::{Container, VERSION},
    layout,
};
use dockeeper_recipes::{Held, Options, election};
use dockeeper_testbed::wait::soon;

fn db() -> LockName {
    "db".parse().unwrap()
}

fn h1() -> NodeName {
    "h1".parse().unwrap()
}

fn id(digit: &str) -> String {
    digit.repeat(64)
}

fn seen(following: &Following) -> Option<Leader> {
    following.facts(None).leader(&db()).unwrap()
}

/// Stands for election as the host's agent does for a container.
async fn stand(world: &World, container: &str) -> Held {
    let holder = Holder {
        version: VERSION,
        host: "host1".to_owned(),
        node: Some("h1".to_owned()),
        container: Some(Container {
            id: id(container),
            name: format!("db-{container}"),
        }),
        pid: 1,
        command: Vec::new(),
        since_ms: 1,
        held_since_ms: None,
    };
    let options = Options {
        data: encode(&holder).into(),
        ..Options::default()
    };
    let path = layout::election(&db());
    let held = election::campaign(&world.others, &path, &options).await;
    held.unwrap()
}

/// What the host's agent says of a container, with its part in the election.
fn record(container: &str, role: Role, token: Option<i64>) -> Vec<u8> {
    let instance = instance(1);
    encode(&ContainerRecord {
        name: format!("db-{container}"),
        image: "db".to_owned(),
        state: "running".to_owned(),
        instances: vec![InstanceStatus {
            service: instance.service.clone(),
            id: instance.id.clone(),
            endpoint: instance.endpoint(),
            withheld: None,
        }],
        elections: vec![ElectionStatus {
            name: db(),
            role,
            token,
            withheld: None,
        }],
        ..ContainerRecord::default()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leads_is_who_was_told_so() {
    let world = World::start().await;
    let asked = Asked {
        leaders: [db()].into(),
        ..Asked::default()
    };
    let mut following = world.surroundings.follow(&asked);
    soon("nobody leads", following.ready()).await;
    assert_eq!(seen(&following), None);
    let host = NodeRecord {
        address: "10.0.0.1".to_owned(),
        agent_version: "1".to_owned(),
        ..NodeRecord::default()
    };
    world.put(&layout::node(&h1()), encode(&host)).await;

    let held = stand(&world, "a").await;
    let path = layout::container(&h1(), &id("a"));
    world.put(&path, record("a", Role::Candidate, None)).await;
    let told = record("a", Role::Leader, Some(held.token()));
    world.others.set(&path, told, None).await.unwrap();
    soon("a leader", following.changed()).await;
    let expected = Leader {
        node: "h1".to_owned(),
        address: "10.0.0.1".to_owned(),
        id: id("a"),
        container: "db-a".to_owned(),
        token: held.token(),
        instances: Vec::new(),
    };
    assert_eq!(seen(&following), Some(expected.clone()));

    // The instance is found later than its container says that it can be.
    world.register(&instance(1)).await;
    soon("its instance", following.changed()).await;
    let expected = Leader {
        instances: vec![instance(1)],
        ..expected
    };
    assert_eq!(seen(&following), Some(expected));

    // Another one takes over: until it has been told, nobody leads.
    held.release().await.unwrap();
    let next = stand(&world, "b").await;
    soon("the leader is gone", following.changed()).await;
    assert_eq!(seen(&following), None);
    let path = layout::container(&h1(), &id("b"));
    let told = record("b", Role::Leader, Some(next.token()));
    world.put(&path, told).await;
    soon("the next leader", following.changed()).await;
    let leader = seen(&following).unwrap();
    assert_eq!(
        (leader.container.as_str(), leader.token),
        ("db-b", next.token())
    );
    world.testbed.shutdown().await.unwrap();
}
