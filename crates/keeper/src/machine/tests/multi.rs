use super::rig::{Client, Rig};
use crate::Txn;
use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{
    ErrorCode::{self, *},
    OpCode, Record,
    acl::Acl,
    create::{CreateMode, CreateRequest, CreateResponse, CreateTtlRequest},
    data::{
        CheckVersionRequest, DeleteRequest, GetChildrenRequest, GetDataRequest, SetDataRequest,
    },
    multi::{MultiReadRequest, Op, OpResult, ReadOp},
    watch::EventType::NodeCreated,
};

fn create(path: &str, flags: i32) -> CreateRequest {
    CreateRequest {
        path: path.to_owned(),
        data: Some(Bytes::from_static(b"data")),
        acl: Acl::open(),
        flags,
    }
}

fn with_ttl(path: &str, flags: i32, ttl_ms: i64) -> Op {
    Op::CreateTtl(CreateTtlRequest {
        path: path.to_owned(),
        data: None,
        acl: Acl::open(),
        flags,
        ttl_ms,
    })
}

fn delete(path: &str) -> Op {
    Op::Delete(DeleteRequest {
        path: path.to_owned(),
        version: -1,
    })
}

fn set(path: &str, version: i32) -> Op {
    Op::SetData(SetDataRequest {
        path: path.to_owned(),
        data: Some(Bytes::from_static(b"new")),
        version,
    })
}

fn check(path: &str, version: i32) -> Op {
    Op::Check(CheckVersionRequest {
        path: path.to_owned(),
        version,
    })
}

fn codes(rig: &mut Rig, client: Client, ops: Vec<Op>) -> Vec<i32> {
    let results = rig.multi(client, ops).unwrap().results;
    results
        .into_iter()
        .map(|result| match result {
            OpResult::Error(code) => code.map_or(0, ErrorCode::to_wire),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn all_happens_under_one_number() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.make(client, "/a");
    rig.watch_exists(client, "/a/b", true).unwrap_err();
    let before = rig.machine.last_zxid();
    let sequential = CreateMode::PersistentSequential.to_wire();
    let results = rig
        .multi(
            client,
            vec![
                Op::Create(create("/a/b", 0)),
                set("/a/b", 0),
                check("/a/b", 1),
                Op::Create2(create("/a/s-", sequential)),
                delete("/a/b"),
                Op::Create(create("/c", 4)),
            ],
        )
        .unwrap()
        .results;
    assert_eq!(rig.machine.last_zxid(), before + 1);
    let [
        first,
        OpResult::SetData(set),
        OpResult::Check,
        fourth,
        OpResult::Delete,
        last,
    ] = &results[..]
    else {
        panic!("{results:?}");
    };
    let path = |path: &str| {
        OpResult::Create(CreateResponse {
            path: path.to_owned(),
        })
    };
    assert_eq!(*first, path("/a/b"));
    assert_eq!((set.stat.version, set.stat.mzxid), (1, before + 1));
    assert_eq!(
        *fourth,
        path("/a/s-0000000001"),
        "create2 answers like create"
    );
    assert!(matches!(last, OpResult::Create2(made) if made.path == "/c"));
    let events = [NodeCreated].map(|kind| (kind, "/a/b".to_owned()));
    assert_eq!(rig.events(client), events);
    let stat = rig.exists(client, "/a").unwrap();
    assert_eq!(
        (stat.num_children, stat.cversion, stat.pzxid),
        (1, 3, before + 1)
    );
    assert!(matches!(&rig.log.last().unwrap().txn, Txn::Multi(txns) if txns.len() == 5));
    assert_eq!(rig.replayed().dump(), rig.machine.dump());
}

#[test]
fn a_failure_leaves_no_trace() {
    let mut rig = Rig::new();
    let client = rig.client();
    for path in ["/a", "/a/b", "/zookeeper/quota/a"] {
        rig.make(client, path);
    }
    for name in ["zookeeper_limits", "zookeeper_stats"] {
        rig.make(client, &format!("/zookeeper/quota/a/{name}"));
    }
    let acl = Acl::read_only();
    rig.create_with(client, "/a/ro", CreateMode::Ephemeral, acl)
        .unwrap();
    rig.watch_exists(client, "/a/b", true).unwrap();
    let before = (
        rig.machine.dump(),
        rig.log.len(),
        rig.machine.watches().count(),
    );
    let ops = vec![
        Op::Create(create("/a/e", 1)),
        set("/a/b", -1),
        delete("/a/ro"),
        Op::Create(create("/a/ro", 4)),
        delete("/a/b"),
        Op::Create(create("/a/b", 0)),
        delete("/zookeeper/quota/a/zookeeper_limits"),
        set("/zookeeper/quota/a/zookeeper_stats", -1),
        check("/a/b", 7),
        delete("/a/b"),
    ];
    let expected = [0, 0, 0, 0, 0, 0, 0, 0, BadVersion.to_wire(), -2];
    assert_eq!(codes(&mut rig, client, ops), expected);
    let after = (
        rig.machine.dump(),
        rig.log.len(),
        rig.machine.watches().count(),
    );
    assert_eq!(after, before);
    assert_eq!(rig.events(client), []);
    rig.make(client, "/a/x");
    assert_eq!(
        rig.text(client, "/zookeeper/quota/a/zookeeper_stats"),
        "count=4,bytes=16"
    );
    assert_eq!(rig.replayed().dump(), rig.machine.dump());
}

#[test]
fn checks_alone_are_not_logged() {
    let mut rig = Rig::new();
    let client = rig.client();
    let before = rig.log.len();
    let results = rig.multi(client, vec![check("/", 0)]).unwrap().results;
    assert_eq!(results, [OpResult::Check]);
    assert_eq!(rig.multi(client, vec![]).unwrap().results, []);
    assert_eq!(rig.log.len(), before);
}

#[test]
fn flags_decide_and_opcodes_do_not() {
    let mut rig = Rig::new();
    let client = rig.client();
    for (op, has_stat) in [
        (Op::CreateContainer(create("/a", 0)), false),
        (Op::Create(create("/b", 4)), true),
        (with_ttl("/c", 0, -1), false),
        (with_ttl("/d", 0, 5), false),
        (with_ttl("/e", 5, 5), true),
    ] {
        let results = rig.multi(client, vec![op]).unwrap().results;
        assert_eq!(matches!(results[0], OpResult::Create2(_)), has_stat);
    }
    let bad = BadArguments.to_wire();
    assert_eq!(
        codes(&mut rig, client, vec![Op::Create(create("/f", 9))]),
        [bad]
    );
    assert_eq!(codes(&mut rig, client, vec![with_ttl("/f", 5, 0)]), [bad]);
    let misread = rig.multi(client, vec![Op::Create(create("/f", 5))]);
    assert_eq!(misread, Err(MarshallingError));
    let after_failure = vec![delete("/no"), Op::Create(create("/f", 5))];
    assert_eq!(codes(&mut rig, client, after_failure), [-101, -2]);
}

#[test]
fn what_cannot_be_read_is_answered() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.make(client, "/a");
    let before = rig.machine.dump();
    let with_header = |kind: i32, body: &dyn Fn(&mut BytesMut)| {
        let mut out = BytesMut::new();
        for part in [1, kind] {
            part.encode(&mut out);
            false.encode(&mut out);
            (-1).encode(&mut out);
            if part == 1 {
                create("/b", 0).encode(&mut out);
            }
        }
        body(&mut out);
        out
    };
    let garbled = [
        BytesMut::new(),
        with_header(77, &|_| {}),
        with_header(20, &|out| "/a".to_owned().encode(out)),
        with_header(4, &|out| {
            "/a".to_owned().encode(out);
            false.encode(out);
        }),
        with_header(2, &|out| i32::MAX.encode(out)),
    ];
    for body in garbled {
        let reply = rig.raw(client, OpCode::Multi.to_wire(), &body);
        assert_eq!(reply, Some(Err(MarshallingError)));
        let reply = rig.raw(client, OpCode::MultiRead.to_wire(), &body);
        assert_eq!(reply, Some(Err(MarshallingError)));
    }
    assert_eq!(rig.machine.dump(), before);
    assert!(!rig.closed.contains(&client));
}

#[test]
fn reads_in_one_request() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.make(client, "/a");
    let data = |path: &str| {
        ReadOp::GetData(GetDataRequest {
            path: path.to_owned(),
            watch: true,
        })
    };
    let children = ReadOp::GetChildren(GetChildrenRequest {
        path: "/".to_owned(),
        watch: true,
    });
    let ops = vec![data("/a"), children, data("/no")];
    let results = rig.call(client, &MultiReadRequest { ops }).unwrap().results;
    let [
        OpResult::GetData(data),
        OpResult::GetChildren(children),
        last,
    ] = &results[..]
    else {
        panic!("{results:?}");
    };
    assert_eq!(data.data.as_deref(), Some(&b"data"[..]));
    assert_eq!(children.children.len(), 2);
    assert_eq!(*last, OpResult::Error(Some(NoNode)));
    assert_eq!(rig.machine.watches().count(), 0);
}

#[test]
fn many_reads_of_much_data_are_refused() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.make(client, "/a");
    rig.set(client, "/a", &"x".repeat(900_000)).unwrap();
    let request = GetDataRequest {
        path: "/a".to_owned(),
        watch: false,
    };
    let ops = vec![ReadOp::GetData(request); 1000];
    assert_eq!(
        rig.call(client, &MultiReadRequest { ops }),
        Err(SystemError)
    );
}
