use super::rig::{Client, Rig};
use bytes::Bytes;
use dockeeper_zk_proto::{
    ErrorCode::{self, AuthFailed, BadVersion, InvalidAcl, NoAuth, NoNode},
    OpCode,
    acl::{Acl, GetAclRequest, SetAclRequest, perms},
    create::CreateMode,
    session::{AuthRequest, WhoAmIResponse},
    watch::EventType,
};

fn auth(rig: &mut Rig, client: Client, scheme: &str, auth: &'static str) -> Result<(), ErrorCode> {
    let request = AuthRequest {
        kind: 0,
        scheme: scheme.to_owned(),
        auth: Some(Bytes::from_static(auth.as_bytes())),
    };
    rig.call_as(client, OpCode::Auth, &request)
}

fn acl(rig: &mut Rig, client: Client, path: &str) -> Result<Vec<Acl>, ErrorCode> {
    let path = path.to_owned();
    rig.call(client, &GetAclRequest { path })
        .map(|reply| reply.acl)
}

const DIGEST: &str = "u:Jq7wMyA/w25fD5WIDJKdu4OIFIE=";

#[test]
fn whoever_has_the_password_may() {
    let mut rig = Rig::new();
    let (owner, other) = (rig.client(), rig.client());
    auth(&mut rig, owner, "digest", "u:p").unwrap();
    let header = rig.header.unwrap();
    assert_eq!((header.zxid, rig.after), (0, 0));
    let persistent = CreateMode::Persistent;
    rig.create_with(owner, "/a", persistent, Acl::creator_all())
        .unwrap();
    let expanded = acl(&mut rig, owner, "/a").unwrap();
    assert_eq!(expanded.len(), 1);
    assert!(
        expanded[0].id.id.starts_with("u:"),
        "{expanded:?} unlike {DIGEST}"
    );
    assert_eq!(acl(&mut rig, other, "/a"), Err(NoAuth));
    assert_eq!(rig.get(other, "/a").map(|_| ()), Err(NoAuth));
    assert_eq!(rig.set(other, "/a", ""), Err(NoAuth));
    assert_eq!(rig.create(other, "/a/b", persistent), Err(NoAuth));
    assert!(
        rig.exists(other, "/a").is_ok(),
        "that it is there is no secret"
    );
    rig.make(owner, "/a/b");
    assert_eq!(
        rig.delete(other, "/a/b"),
        Err(NoAuth),
        "the parent's list decides"
    );
    rig.delete(other, "/a").unwrap_err();
    auth(&mut rig, other, "digest", "u:p").unwrap();
    rig.delete(other, "/a/b").unwrap();
}

#[test]
fn who_may_not_change_a_list_sees_no_digests() {
    let mut rig = Rig::new();
    let (owner, other) = (rig.client(), rig.client());
    auth(&mut rig, owner, "digest", "u:p").unwrap();
    let mixed = [Acl::read_only(), Acl::creator_all()].concat();
    rig.create_with(owner, "/a", CreateMode::Persistent, mixed)
        .unwrap();
    let seen = acl(&mut rig, other, "/a").unwrap();
    assert_eq!(seen[1].id.id, "u:x");
    assert_ne!(acl(&mut rig, owner, "/a").unwrap()[1].id.id, "u:x");
}

#[test]
fn lists_are_replaced_by_version() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.make(client, "/a");
    let mut set = |path: &str, acl: Vec<Acl>, version| {
        let path = path.to_owned();
        let reply = rig.call(client, &SetAclRequest { path, acl, version });
        reply.map(|reply| reply.stat.aversion)
    };
    assert_eq!(set("/a", Acl::open(), 1), Err(BadVersion));
    assert_eq!(set("/a", vec![], 0), Err(InvalidAcl));
    assert_eq!(set("/no", Acl::open(), 0), Err(NoNode));
    assert_eq!(
        set("/a", vec![Acl::new(perms::READ, "ip", "127.0.0.0/8")], 0),
        Ok(1)
    );
    assert_eq!(set("/a", Acl::open(), 1), Err(NoAuth));
    assert!(rig.get(client, "/a").is_ok());
    rig.ip = "10.0.0.1".parse().unwrap();
    let elsewhere = rig.client();
    assert_eq!(rig.get(elsewhere, "/a").map(|_| ()), Err(NoAuth));
    assert_eq!(rig.replayed().dump(), rig.machine.dump());
}

#[test]
fn refused_credentials_close_the_connection() {
    let mut rig = Rig::new();
    for scheme in ["nope", "world", "x509", "sasl", ""] {
        let client = rig.client();
        assert_eq!(auth(&mut rig, client, scheme, "a:b"), Err(AuthFailed));
        assert!(rig.closed.contains(&client));
        assert_eq!(rig.raw(client, OpCode::Ping.to_wire(), b""), None);
    }
    let client = rig.client();
    assert_eq!(rig.raw(client, OpCode::Auth.to_wire(), b"\0"), None);
    assert!(rig.closed.contains(&client));
}

#[test]
fn a_client_can_ask_who_it_is() {
    let mut rig = Rig::new();
    let client = rig.client();
    auth(&mut rig, client, "ip", "").unwrap();
    auth(&mut rig, client, "digest", "user:secret").unwrap();
    auth(&mut rig, client, "digest", "user:secret").unwrap();
    let reply: WhoAmIResponse = rig.call_as(client, OpCode::WhoAmI, &()).unwrap();
    let ids: Vec<_> = reply.ids.iter().map(|id| (&*id.scheme, &*id.id)).collect();
    assert_eq!(ids, [("ip", "127.0.0.1"), ("digest", "user")]);
}

#[test]
fn events_are_for_readers() {
    let mut rig = Rig::new();
    let (owner, other) = (rig.client(), rig.client());
    auth(&mut rig, owner, "digest", "u:p").unwrap();
    let mode = CreateMode::Persistent;
    rig.create_with(owner, "/a", mode, Acl::creator_all())
        .unwrap();
    for client in [owner, other] {
        rig.watch_exists(client, "/a", true).unwrap();
    }
    rig.set(owner, "/a", "new").unwrap();
    assert_eq!(
        rig.events(owner),
        [(EventType::NodeDataChanged, "/a".to_owned())]
    );
    assert_eq!(rig.events(other), []);
    assert_eq!(rig.machine.watches().count(), 0, "spent all the same");
}
