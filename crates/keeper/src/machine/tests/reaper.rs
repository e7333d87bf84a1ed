use super::rig::{Client, Rig};
use dockeeper_zk_proto::{
    ErrorCode::NoNode,
    OpCode,
    acl::Acl,
    create::{CreateMode, CreateRequest, CreateTtlRequest},
    watch::EventType::NodeDeleted,
};
use std::time::Duration;

fn container(rig: &mut Rig, client: Client, path: &str) {
    let request = CreateRequest {
        path: path.to_owned(),
        data: None,
        acl: Acl::open(),
        flags: CreateMode::Container.to_wire(),
    };
    rig.create2(client, OpCode::CreateContainer, &request)
        .unwrap();
}

fn with_ttl(rig: &mut Rig, client: Client, path: &str, ttl_ms: i64) {
    let request = CreateTtlRequest {
        path: path.to_owned(),
        data: None,
        acl: Acl::open(),
        flags: CreateMode::PersistentWithTtl.to_wire(),
        ttl_ms,
    };
    rig.call(client, &request).unwrap();
}

/// So many seconds in which the client is heard of.
fn pass(rig: &mut Rig, client: Client, seconds: u64) {
    for _ in 0..seconds {
        rig.pass(Duration::from_secs(1));
        rig.raw(client, OpCode::Ping.to_wire(), b"")
            .unwrap()
            .unwrap();
    }
}

#[test]
fn a_container_goes_after_its_last_child() {
    let mut rig = Rig::new();
    let client = rig.client();
    container(&mut rig, client, "/c");
    container(&mut rig, client, "/c/d");
    container(&mut rig, client, "/unused");
    rig.make(client, "/c/d/e");
    pass(&mut rig, client, 200);
    assert!(rig.exists(client, "/c/d").is_ok(), "it has a child");
    rig.delete(client, "/c/d/e").unwrap();
    rig.watch_exists(client, "/c/d", true).unwrap();
    pass(&mut rig, client, 61);
    assert_eq!(rig.exists(client, "/c/d"), Err(NoNode));
    assert_eq!(rig.events(client), [(NodeDeleted, "/c/d".to_owned())]);
    assert!(rig.exists(client, "/c").is_ok(), "one level in each run");
    assert_eq!(rig.log.last().unwrap().session, 0);
    pass(&mut rig, client, 60);
    assert_eq!(rig.exists(client, "/c"), Err(NoNode));
    assert!(
        rig.exists(client, "/unused").is_ok(),
        "it never had a child"
    );
}

#[test]
fn a_time_to_live_begins_again_with_each_change() {
    let mut rig = Rig::new();
    let client = rig.client();
    with_ttl(&mut rig, client, "/t", 100_000);
    with_ttl(&mut rig, client, "/parent", 1);
    rig.make(client, "/parent/child");
    pass(&mut rig, client, 90);
    rig.set(client, "/t", "").unwrap();
    pass(&mut rig, client, 95);
    assert!(rig.exists(client, "/t").is_ok());
    pass(&mut rig, client, 60);
    assert_eq!(rig.exists(client, "/t"), Err(NoNode));
    assert!(rig.exists(client, "/parent").is_ok(), "it has a child");
    assert_eq!(rig.replayed().dump(), rig.machine.dump());
}
