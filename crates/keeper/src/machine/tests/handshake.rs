use super::rig::{KEY, Rig};
use crate::{Machine, Room, Rules};
use bytes::Bytes;
use dockeeper_zk_proto::{
    ErrorCode, OpCode,
    connect::{ConnectRequest, Password},
    create::CreateMode,
};
use std::time::Duration;

fn request() -> ConnectRequest {
    ConnectRequest::new_session(10_000)
}

#[test]
fn a_new_session() {
    let mut rig = Rig::new();
    let (client, response) = rig.connect_with(request());
    let response = response.unwrap();
    assert_eq!(response.timeout_ms, 10_000);
    assert_eq!(response.session_id >> 56, 1);
    assert_eq!(response.read_only, Some(false));
    assert_ne!(response.password, Password::zero());
    assert_eq!(rig.session(client), response.session_id);
    assert_eq!((rig.machine.last_zxid(), rig.after), (1, 1));
    let (_, other) = rig.connect_with(request());
    assert_ne!(other.unwrap().session_id, response.session_id);
}

#[test]
fn time_outs_are_clamped() {
    let mut rig = Rig::new();
    for (wish, granted) in [(0, 4000), (4001, 4001), (i32::MAX, 40_000), (-1, 4000)] {
        let (_, response) = rig.connect(0, Password::zero(), wish);
        assert_eq!(response.unwrap().timeout_ms, granted);
    }
}

#[test]
fn an_old_client_gets_a_byte_less() {
    let mut rig = Rig::new();
    let mut request = request();
    request.read_only = None;
    let (_, response) = rig.connect_with(request.clone());
    assert_eq!(response.unwrap().read_only, None);
    request.session_id = 77;
    let (_, response) = rig.connect_with(request);
    assert_eq!(response.unwrap().read_only, None);
}

#[test]
fn a_session_goes_on_elsewhere() {
    let mut rig = Rig::new();
    let (first, response) = rig.connect(0, Password::zero(), 10_000);
    let response = response.unwrap();
    rig.create(first, "/e", CreateMode::Ephemeral).unwrap();
    let entries = rig.log.len();
    let (second, again) = rig.connect(response.session_id, response.password.clone(), 10_000);
    assert_eq!(again.unwrap(), response);
    assert!(rig.closed.contains(&first) && !rig.closed.contains(&second));
    assert_eq!(rig.log.len(), entries, "nothing to log");
    assert!(rig.exists(second, "/e").is_ok());
    rig.disconnect(second);
    let (third, again) = rig.connect(response.session_id, response.password.clone(), 20_000);
    assert_eq!(again.unwrap().timeout_ms, 20_000);
    assert_eq!(rig.log.len(), entries + 1, "another time-out");
    assert_eq!(rig.replayed().dump(), rig.machine.dump());
    rig.pass(Duration::from_secs(19));
    assert!(rig.exists(third, "/e").is_ok());
}

#[test]
fn a_wrong_password_does_no_harm() {
    let mut rig = Rig::new();
    let (first, response) = rig.connect(0, Password::zero(), 10_000);
    let id = response.unwrap().session_id;
    for password in [Password::zero(), Password(Bytes::new())] {
        let (client, refused) = rig.connect(id, password, 10_000);
        let refused = refused.unwrap();
        assert_eq!((refused.session_id, refused.timeout_ms), (0, 0));
        assert_eq!(refused.password, Password::zero());
        assert!(rig.closed.contains(&client));
    }
    assert!(!rig.closed.contains(&first));
    assert!(rig.exists(first, "/").is_ok());
}

#[test]
fn an_expired_session_is_over() {
    let mut rig = Rig::new();
    let other = rig.client();
    let (client, response) = rig.connect(0, Password::zero(), 4000);
    let response = response.unwrap();
    rig.create(client, "/e", CreateMode::Ephemeral).unwrap();
    rig.watch_exists(other, "/e", true).unwrap();
    rig.pass(Duration::from_millis(4000));
    assert!(!rig.closed.contains(&client));
    rig.pass(Duration::from_millis(2000));
    assert!(rig.closed.contains(&client));
    assert_eq!(rig.events(other).len(), 1);
    assert_eq!(rig.exists(other, "/e"), Err(ErrorCode::NoNode));
    let (_, refused) = rig.connect(response.session_id, response.password, 4000);
    assert_eq!(refused.unwrap().session_id, 0);
}

#[test]
fn whatever_arrives_keeps_a_session() {
    let mut rig = Rig::new();
    let (client, _) = rig.connect(0, Password::zero(), 4000);
    for _ in 0..10 {
        rig.pass(Duration::from_millis(3900));
        rig.raw(client, OpCode::Ping.to_wire(), b"")
            .unwrap()
            .unwrap();
        assert_eq!(rig.header.unwrap().xid, -2);
    }
}

#[test]
fn a_client_from_the_future_is_sent_away() {
    let mut rig = Rig::new();
    rig.client();
    let mut request = request();
    request.last_zxid_seen = 1;
    assert!(rig.connect_with(request.clone()).1.is_some());
    request.last_zxid_seen = 3;
    let (client, response) = rig.connect_with(request);
    assert_eq!(response, None);
    assert!(rig.closed.contains(&client));
}

#[test]
fn closing_a_session() {
    let mut rig = Rig::new();
    let other = rig.client();
    let client = rig.client();
    rig.create(client, "/e", CreateMode::Ephemeral).unwrap();
    let request = dockeeper_zk_proto::watch::AddWatchRequest {
        path: "/".to_owned(),
        mode: dockeeper_zk_proto::watch::AddWatchMode::PersistentRecursive,
    };
    rig.call(client, &request).unwrap();
    rig.call_as::<()>(client, OpCode::CloseSession, &())
        .unwrap();
    assert_eq!(rig.events(client).len(), 1, "its own end is news to it");
    assert!(rig.closed.contains(&client));
    assert_eq!(rig.exists(other, "/e"), Err(ErrorCode::NoNode));
    assert_eq!(rig.raw(client, OpCode::Ping.to_wire(), b""), None);
    assert_eq!(rig.machine.sessions().len(), 1);
}

#[test]
fn sessions_survive_a_restart() {
    let mut rig = Rig::new();
    let (client, response) = rig.connect(0, Password::zero(), 4000);
    let response = response.unwrap();
    rig.create(client, "/e", CreateMode::Ephemeral).unwrap();
    let mut rig = Rig::with_machine(rig.replayed());
    let (client, again) = rig.connect(response.session_id, response.password.clone(), 4000);
    assert_eq!(again.unwrap(), response);
    let stat = rig.exists(client, "/e").unwrap();
    assert_eq!(stat.ephemeral_owner, response.session_id);
    let (_, new) = rig.connect(0, Password::zero(), 4000);
    assert_ne!(new.unwrap().session_id, response.session_id);
}

#[test]
fn sessions_are_limited() {
    let rules = Rules {
        sessions_max: 2,
        ..Rules::default()
    };
    let mut rig = Rig::with_machine(Machine::new(rules, KEY));
    rig.client();
    let second = rig.client();
    let (third, response) = rig.connect_with(request());
    assert!(response.is_none() && rig.closed.contains(&third));
    rig.call_as::<()>(second, OpCode::CloseSession, &())
        .unwrap();
    rig.client();
}

#[test]
fn a_full_log_refuses_writes_but_not_ends() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.create(client, "/e", CreateMode::Ephemeral).unwrap();
    rig.machine.set_writable(Room::Bytes(1000));
    let full = Err(ErrorCode::SystemError);
    assert_eq!(rig.create(client, "/a", CreateMode::Persistent), full);
    assert_eq!(rig.set(client, "/e", "new"), Err(ErrorCode::SystemError));
    assert_eq!(rig.text(client, "/e"), "data");
    let before = rig.machine.dump();
    let delete = dockeeper_zk_proto::multi::Op::Delete(dockeeper_zk_proto::data::DeleteRequest {
        path: "/e".to_owned(),
        version: -1,
    });
    assert_eq!(rig.multi(client, vec![delete]), Err(ErrorCode::SystemError));
    assert_eq!(rig.machine.dump(), before);
    let other = rig.client();
    rig.call_as::<()>(client, OpCode::CloseSession, &())
        .unwrap();
    assert_eq!(rig.exists(other, "/e"), Err(ErrorCode::NoNode));
    rig.machine.set_writable(Room::Bytes(0));
    let before = rig.machine.last_zxid();
    rig.pass(Duration::from_secs(60));
    assert_eq!(rig.machine.last_zxid(), before, "it cannot end now");
    rig.machine.set_writable(Room::Plenty);
    rig.pass(Duration::from_secs(2));
    assert!(rig.closed.contains(&other));
}
