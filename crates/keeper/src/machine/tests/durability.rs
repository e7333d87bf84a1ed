//! What waits for the disk, and what does not.

use super::rig::Rig;
use dockeeper_zk_proto::{
    OpCode,
    acl::{Acl, SetAclRequest},
    create::CreateMode,
    data::SyncRequest,
};

#[test]
fn reads_wait_only_for_what_they_show() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.make(client, "/old");
    rig.make(client, "/parent");
    let durable = rig.machine.last_zxid();
    rig.machine.durable(durable);
    rig.make(client, "/parent/new");
    rig.set(client, "/parent/new", "").unwrap();
    let last = rig.machine.last_zxid();
    assert_eq!(rig.after, last, "a write waits for itself");
    let mut after = |path: &str| {
        let found = rig.exists(client, path);
        assert_eq!(found.is_err(), path.ends_with("none"));
        (rig.after, rig.header.unwrap().zxid)
    };
    // The connection has seen the number of its own write already.
    assert_eq!(after("/old"), (0, last));
    assert_eq!(after("/old/none"), (0, last));
    for path in ["/parent", "/parent/new", "/parent/none"] {
        assert_eq!(after(path), (last, last), "{path}");
    }
    let other = rig.client();
    let last = rig.machine.last_zxid();
    rig.machine.durable(last - 1);
    rig.exists(other, "/parent").unwrap();
    assert_eq!(rig.after, 0);
    let path = String::new();
    rig.call(other, &SyncRequest { path }).unwrap();
    assert_eq!(rig.after, last, "sync waits for all");
}

#[test]
fn a_header_never_names_what_a_crash_takes_back() {
    let mut rig = Rig::new();
    let (writer, reader) = (rig.client(), rig.client());
    let durable = rig.machine.last_zxid();
    rig.machine.durable(durable);
    rig.make(writer, "/a");
    rig.raw(reader, OpCode::Ping.to_wire(), b"")
        .unwrap()
        .unwrap();
    assert_eq!((rig.after, rig.header.unwrap().zxid), (0, durable));
    assert_eq!(
        rig.exists(reader, "/b"),
        Err(dockeeper_zk_proto::ErrorCode::NoNode)
    );
    let last = rig.machine.last_zxid();
    assert_eq!((rig.after, rig.header.unwrap().zxid), (last, last));
    rig.raw(reader, OpCode::Ping.to_wire(), b"")
        .unwrap()
        .unwrap();
    assert_eq!(
        (rig.after, rig.header.unwrap().zxid),
        (0, last),
        "never back"
    );
}

#[test]
fn what_no_stat_dates_is_waited_for() {
    let mut rig = Rig::new();
    let client = rig.client();
    for path in ["/a", "/b", "/zookeeper/quota/a"] {
        rig.make(client, path);
    }
    for name in ["zookeeper_limits", "zookeeper_stats"] {
        rig.make(client, &format!("/zookeeper/quota/a/{name}"));
    }
    rig.machine.durable(rig.machine.last_zxid());
    rig.make(client, "/a/child");
    rig.get(client, "/zookeeper/quota/a/zookeeper_stats")
        .unwrap();
    assert_ne!(rig.after, 0);
    rig.exists(client, "/b").unwrap();
    assert_eq!(rig.after, 0);
    let request = SetAclRequest {
        path: "/b".to_owned(),
        acl: Acl::open(),
        version: -1,
    };
    rig.call(client, &request).unwrap();
    rig.exists(client, "/b").unwrap();
    assert_eq!(rig.after, rig.machine.last_zxid());
}

#[test]
fn a_refusal_tells_of_the_state_too() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.machine.durable(rig.machine.last_zxid());
    rig.make(client, "/a");
    rig.create(client, "/a", CreateMode::Persistent)
        .unwrap_err();
    assert_eq!(rig.after, rig.machine.last_zxid());
}
