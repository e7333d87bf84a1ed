//! Each record is read back as it was written, and no bytes make a decoder panic or allocate
//! beyond the frame.

use bytes::Bytes;
use dockeeper_zk_proto::{
    OpCode, Record, Stat,
    acl::{Acl, GetAclResponse, SetAclRequest},
    connect::{ConnectRequest, ConnectResponse, Password},
    create::{Create2Response, CreateRequest, CreateResponse, CreateTtlRequest},
    data::*,
    header::{ReplyHeader, RequestHeader},
    multi::{MultiReadRequest, MultiRequest, MultiResponse, Op, OpResult, ReadOp},
    reconfig::ReconfigRequest,
    session::{AuthRequest, GetEphemeralsResponse, WhoAmIRequest},
    watch::{AddWatchMode, AddWatchRequest, EventType, SetWatches2Request, WatcherEvent},
};
use proptest::{collection::vec, option, prelude::*};
use std::fmt::Debug;

fn round_trips<T: Record + PartialEq + Debug>(record: &T) {
    let bytes = record.to_bytes();
    assert!(bytes.len() >= T::LEN_MIN);
    assert_eq!(T::from_bytes(bytes.clone()).as_ref(), Ok(record));
    for length in 0..bytes.len().min(256) {
        // A cut record is an error, or a shorter record of the same kind (the handshake's last
        // byte may be missing); it never panics.
        drop(T::from_bytes(bytes.slice(..length)));
    }
}

fn data() -> impl Strategy<Value = Option<Bytes>> {
    option::of(vec(any::<u8>(), 0..40).prop_map(Bytes::from))
}

fn path() -> impl Strategy<Value = String> {
    "(/[a-zä-]{1,5}){1,3}"
}

prop_compose! {
    fn stat()(longs in any::<[i64; 6]>(), ints in any::<[i32; 5]>()) -> Stat {
        Stat {
            czxid: longs[0], mzxid: longs[1], ctime_ms: longs[2], mtime_ms: longs[3],
            version: ints[0], cversion: ints[1], aversion: ints[2], ephemeral_owner: longs[4],
            data_len: ints[3], num_children: ints[4], pzxid: longs[5],
        }
    }
}

fn acl() -> impl Strategy<Value = Vec<Acl>> {
    vec((any::<i32>(), "[a-z]{0,5}", "[a-z:]{0,9}"), 0..4).prop_map(|entries| {
        entries
            .into_iter()
            .map(|(perms, scheme, id)| Acl::new(perms, scheme, id))
            .collect()
    })
}

prop_compose! {
    fn create()(path in path(), data in data(), acl in acl(), flags in -1..9) -> CreateRequest {
        CreateRequest { path, data, acl, flags }
    }
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        create().prop_map(Op::Create),
        create().prop_map(Op::Create2),
        create().prop_map(Op::CreateContainer),
        (create(), any::<i64>()).prop_map(|(c, ttl_ms)| Op::CreateTtl(CreateTtlRequest {
            path: c.path,
            data: c.data,
            acl: c.acl,
            flags: c.flags,
            ttl_ms
        })),
        (path(), any::<i32>())
            .prop_map(|(path, version)| Op::Delete(DeleteRequest { path, version })),
        (path(), data(), any::<i32>()).prop_map(|(path, data, version)| Op::SetData(
            SetDataRequest {
                path,
                data,
                version
            }
        )),
        (path(), any::<i32>())
            .prop_map(|(path, version)| Op::Check(CheckVersionRequest { path, version })),
    ]
}

fn result() -> impl Strategy<Value = OpResult> {
    prop_oneof![
        path().prop_map(|path| OpResult::Create(CreateResponse { path })),
        (path(), stat()).prop_map(|(path, stat)| OpResult::Create2(Create2Response { path, stat })),
        Just(OpResult::Delete),
        stat().prop_map(|stat| OpResult::SetData(SetDataResponse { stat })),
        Just(OpResult::Check),
        (data(), stat()).prop_map(|(data, stat)| OpResult::GetData(GetDataResponse { data, stat })),
        vec(path(), 0..4)
            .prop_map(|children| OpResult::GetChildren(GetChildrenResponse { children })),
        (-130..=0).prop_map(|code| OpResult::Error(dockeeper_zk_proto::ErrorCode::from_wire(code))),
    ]
}

proptest! {
    #[test]
    fn handshake(
        protocol_version in any::<i32>(), zxid in any::<i64>(), timeout_ms in any::<i32>(),
        session_id in any::<i64>(), password in vec(any::<u8>(), 0..20),
        read_only in option::of(any::<bool>()),
    ) {
        let password = Password(password.into());
        round_trips(&ConnectRequest {
            protocol_version, last_zxid_seen: zxid, timeout_ms, session_id,
            password: password.clone(), read_only,
        });
        round_trips(&ConnectResponse {
            protocol_version, timeout_ms, session_id, password, read_only,
        });
    }

    #[test]
    fn headers(xid in any::<i32>(), opcode in any::<i32>(), zxid in any::<i64>()) {
        round_trips(&RequestHeader { xid, opcode });
        round_trips(&ReplyHeader { xid, zxid, err: opcode });
    }

    #[test]
    fn bodies(
        create in create(), stat in stat(), data in data(), acl in acl(), path in path(),
        names in vec(path(), 0..5), version in any::<i32>(), watch in any::<bool>(),
    ) {
        round_trips(&create);
        round_trips(&Create2Response { path: path.clone(), stat });
        round_trips(&ExistsRequest { path: path.clone(), watch });
        round_trips(&GetDataResponse { data: data.clone(), stat });
        round_trips(&SetDataRequest { path: path.clone(), data: data.clone(), version });
        round_trips(&GetChildren2Response { children: names.clone(), stat });
        round_trips(&SetAclRequest { path: path.clone(), acl: acl.clone(), version });
        round_trips(&GetAclResponse { acl, stat });
        round_trips(&GetEphemeralsResponse { paths: names.clone() });
        round_trips(&WhoAmIRequest);
        round_trips(&ReconfigRequest {
            joining: None, leaving: Some(path.clone()), members: names.first().cloned(),
            from_config: stat.czxid,
        });
        round_trips(&AuthRequest { kind: 0, scheme: path.clone(), auth: data });
        round_trips(&AddWatchRequest { path: path.clone(), mode: AddWatchMode::Persistent });
        round_trips(&WatcherEvent { kind: EventType::NodeDeleted, state: version, path });
        round_trips(&SetWatches2Request {
            relative_zxid: stat.czxid, data: names.clone(), exist: vec![], child: names.clone(),
            persistent: vec![], persistent_recursive: names,
        });
    }

    #[test]
    fn multis(ops in vec(op(), 0..6), results in vec(result(), 0..6), path in path()) {
        round_trips(&MultiRequest { ops });
        round_trips(&MultiResponse { results });
        round_trips(&MultiReadRequest { ops: vec![
            ReadOp::GetData(GetDataRequest { path: path.clone(), watch: false }),
            ReadOp::GetChildren(GetChildrenRequest { path, watch: true }),
        ]});
    }

    #[test]
    fn garbage_is_an_error_or_a_record(bytes in vec(any::<u8>(), 0..200)) {
        let bytes = Bytes::from(bytes);
        drop(ConnectRequest::from_bytes(bytes.clone()));
        drop(ConnectResponse::from_bytes(bytes.clone()));
        drop(MultiRequest::from_bytes(bytes.clone()));
        drop(MultiReadRequest::from_bytes(bytes.clone()));
        drop(MultiResponse::from_bytes(bytes.clone()));
        drop(SetWatches2Request::from_bytes(bytes.clone()));
        drop(CreateTtlRequest::from_bytes(bytes.clone()));
        drop(GetAclResponse::from_bytes(bytes.clone()));
        drop(WatcherEvent::from_bytes(bytes));
    }
}

#[test]
fn a_count_beyond_the_frame_is_refused() {
    for count in [5, 1_000_000, i32::MAX] {
        let mut bytes = count.to_be_bytes().to_vec();
        bytes.extend([0; 16]);
        let error = <Vec<String>>::from_bytes(Bytes::from(bytes)).unwrap_err();
        assert!(error.to_string().contains("a length of"), "{error}");
    }
}

#[test]
fn every_opcode_round_trips() {
    for opcode in OpCode::ALL {
        round_trips(opcode);
    }
}
