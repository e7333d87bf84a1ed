use super::rig::Rig;
use crate::{Machine, Rules};
use bytes::Bytes;
use dockeeper_zk_proto::{
    ErrorCode::{self, *},
    OpCode, Stat,
    acl::Acl,
    create::{CreateMode, CreateRequest, CreateTtlRequest},
    data::{DeleteRequest, SetDataRequest},
};

fn request(path: &str, flags: i32) -> CreateRequest {
    CreateRequest {
        path: path.to_owned(),
        data: Some(Bytes::from_static(b"data")),
        acl: Acl::open(),
        flags,
    }
}

fn with_ttl(path: &str, flags: i32, ttl_ms: i64) -> CreateTtlRequest {
    CreateTtlRequest {
        path: path.to_owned(),
        data: None,
        acl: Acl::open(),
        flags,
        ttl_ms,
    }
}

#[test]
fn system_nodes_are_as_apaches() {
    let mut rig = Rig::new();
    let client = rig.client();
    let stat = |cversion, aversion, num_children| Stat {
        cversion,
        aversion,
        num_children,
        ..Stat::default()
    };
    for (path, stat) in [
        ("/", stat(-1, 0, 1)),
        ("", stat(-1, 0, 1)),
        ("/zookeeper", stat(-2, 0, 2)),
        ("/zookeeper/quota", stat(0, 0, 0)),
        ("/zookeeper/config", stat(0, -1, 0)),
    ] {
        let reply = rig.get(client, path).unwrap();
        assert_eq!((reply.stat, reply.data.unwrap().len()), (stat, 0), "{path}");
    }
    for path in ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"] {
        assert_eq!(rig.delete(client, path), Err(BadArguments));
    }
    assert_eq!(rig.set(client, "/zookeeper/config", ""), Err(NoAuth));
    assert_eq!(rig.children(client, "/zookeeper"), ["config", "quota"]);
}

#[test]
fn stats_tell_what_happened() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.make(client, "/a");
    let created = rig.now.wall_ms;
    rig.make(client, "/a/b");
    rig.make(client, "/a/c");
    rig.delete(client, "/a/b").unwrap();
    let stat = rig.set(client, "/a", "longer").unwrap();
    let expected = Stat {
        czxid: 2,
        mzxid: 6,
        ctime_ms: created,
        mtime_ms: created + 4,
        version: 1,
        cversion: 3,
        aversion: 0,
        ephemeral_owner: 0,
        data_len: 6,
        num_children: 1,
        pzxid: 5,
    };
    assert_eq!(stat, expected);
    assert_eq!(rig.exists(client, "/a"), Ok(expected));
}

#[test]
fn sequence_numbers_count_creations() {
    let mut rig = Rig::new();
    let client = rig.client();
    let mut create = |path: &str| rig.create(client, path, CreateMode::PersistentSequential);
    assert_eq!(create("/s-").unwrap(), "/s-0000000000");
    assert_eq!(create("/").unwrap(), "/0000000001");
    assert_eq!(
        create("/s-0000000000/").unwrap(),
        "/s-0000000000/0000000000"
    );
    assert_eq!(create("//"), Err(BadArguments));
    rig.delete(client, "/0000000001").unwrap();
    let mut create = |mode| rig.create(client, "/s-", mode).unwrap();
    assert_eq!(create(CreateMode::EphemeralSequential), "/s-0000000002");
    assert_eq!(create(CreateMode::PersistentSequential), "/s-0000000003");
}

#[test]
fn errors_come_in_apaches_order() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.create(client, "/e", CreateMode::Ephemeral).unwrap();
    rig.create_with(client, "/ro", CreateMode::Persistent, Acl::read_only())
        .unwrap();
    let mut create = |path: &str, mode, acl| rig.create_with(client, path, mode, acl);
    let (plain, open) = (CreateMode::Persistent, Acl::open);
    for (path, acl, code) in [
        ("a", open(), BadArguments),
        ("", vec![], BadArguments),
        ("/a\0", open(), BadArguments),
        ("/a", vec![], InvalidAcl),
        ("/no/a", vec![Acl::new(31, "nope", "x")], InvalidAcl),
        ("/no/a/", open(), NoNode),
        ("b/c", open(), NoNode),
        ("/ro/a/", open(), NoNode),
        ("/ro/.", open(), NoAuth),
        ("/e/", open(), BadArguments),
        ("/", open(), NodeExists),
        ("//a", open(), BadArguments),
        ("/\u{fffd}", open(), BadArguments),
        ("/e", open(), NodeExists),
        ("/e/a", open(), NoChildrenForEphemerals),
        ("/a", Acl::creator_all(), InvalidAcl),
    ] {
        assert_eq!(create(path, plain, acl), Err(code), "{path:?}");
    }
    assert_eq!(rig.machine.last_zxid(), 3, "what fails is not counted");
}

#[test]
fn each_opcode_makes_what_apaches_makes() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.make(client, "/p");
    let mut create = |opcode, path: &str, flags| {
        let reply = rig.create2(client, opcode, &request(path, flags));
        reply.map(|reply| reply.path)
    };
    assert_eq!(create(OpCode::Create2, "/p/a", 4).unwrap(), "/p/a");
    assert_eq!(create(OpCode::CreateContainer, "/p/b", 0).unwrap(), "/p/b");
    assert_eq!(create(OpCode::CreateContainer, "/p/c", 4).unwrap(), "/p/c");
    assert_eq!(
        create(OpCode::CreateContainer, "/p/d", 2).unwrap(),
        "/p/d0000000003"
    );
    assert_eq!(create(OpCode::CreateContainer, "/p/e", 1).unwrap(), "/p/e");
    for flags in [5, 6, 7, -1] {
        assert_eq!(create(OpCode::Create2, "/p/f", flags), Err(BadArguments));
    }
    let dump = rig.machine.dump();
    let is_container = |path: &str| {
        let line = dump
            .lines()
            .find(|line| line.starts_with(&format!("{path:?}")));
        line.unwrap().contains("kind: Container")
    };
    assert!(!is_container("/p/a"));
    assert!(
        ["/p/b", "/p/c", "/p/d0000000003", "/p/e"]
            .into_iter()
            .all(is_container)
    );
}

#[test]
fn times_to_live_are_checked() {
    let mut rig = Rig::new();
    let client = rig.client();
    let mut create = |path: &str, flags, ttl_ms| {
        let reply = rig.create2(client, OpCode::CreateTtl, &with_ttl(path, flags, ttl_ms));
        reply.map(|reply| (reply.path, reply.stat.ephemeral_owner))
    };
    assert_eq!(create("/a", 5, 1), Ok(("/a".to_owned(), 0)));
    assert_eq!(
        create("/a", 6, 0xff_ffff_ffff),
        Ok(("/a0000000001".to_owned(), 0))
    );
    for (flags, ttl_ms) in [
        (5, 0),
        (5, -1),
        (5, 0x100_0000_0000),
        (0, 5),
        (0, -1),
        (9, 5),
    ] {
        assert_eq!(
            create("/b", flags, ttl_ms),
            Err(BadArguments),
            "{flags} {ttl_ms}"
        );
    }
    let rules = Rules {
        has_extended_types: false,
        ..Rules::default()
    };
    let mut rig = Rig::with_machine(Machine::new(rules, super::rig::KEY));
    let client = rig.client();
    let mut create = |request: &CreateTtlRequest| rig.create2(client, OpCode::CreateTtl, request);
    assert_eq!(create(&with_ttl("/a", 5, 1)), Err(Unimplemented));
    assert_eq!(create(&with_ttl("/a", 5, -1)), Err(Unimplemented));
    assert_eq!(create(&with_ttl("/a", 0, 1)), Err(BadArguments));
}

#[test]
fn deleting_and_setting_check_as_apache_does() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.make(client, "/a");
    rig.make(client, "/a/b");
    let mut delete = |path: &str, version| -> Result<(), ErrorCode> {
        let path = path.to_owned();
        rig.call(client, &DeleteRequest { path, version })
    };
    for (path, version, code) in [
        ("", -1, BadArguments),
        ("a", -1, BadArguments),
        ("/a/", -1, NoNode),
        ("/no/a", -1, NoNode),
        ("/a", 1, BadVersion),
        ("/a", -2, BadVersion),
        ("/a", 0, NotEmpty),
    ] {
        assert_eq!(delete(path, version), Err(code), "{path:?} {version}");
    }
    let mut set = |path: &str, version| {
        let request = SetDataRequest {
            path: path.to_owned(),
            data: None,
            version,
        };
        rig.call(client, &request).map(|reply| reply.stat.version)
    };
    for (path, version, code) in [
        ("", -1, BadArguments),
        ("/a/", -1, BadArguments),
        ("/no", -1, NoNode),
        ("/a", 1, BadVersion),
    ] {
        assert_eq!(set(path, version), Err(code), "{path:?} {version}");
    }
    assert_eq!(set("/a", 0), Ok(1));
    assert_eq!(set("/a", 1), Ok(2));
    assert_eq!(set("/", -1), Ok(1));
    assert_eq!(
        rig.get(client, "/a").unwrap().data,
        None,
        "null is not empty"
    );
}
