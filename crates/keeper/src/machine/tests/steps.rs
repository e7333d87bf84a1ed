//! What happens in the property test.

use super::model::Write;
use bytes::Bytes;
use dockeeper_zk_proto::{
    acl::Acl,
    create::{CreateMode, CreateRequest, CreateTtlRequest},
    data::{CheckVersionRequest, DeleteRequest, SetDataRequest},
    multi::Op,
};
use proptest::{collection::vec, prelude::*};

/// How many clients there are.
pub(super) const SESSIONS: usize = 3;

/// Something that a client does, or that happens.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Write(Write),
    Multi(Vec<Write>),
    SetAcl(String, usize),
    Exists(String, bool),
    Data(String, bool),
    Children(String, bool),
    AddWatch(String, bool),
    RemoveWatches(String),
    CountBelow(String),
    Ephemerals,
    /// The session ends, and another one begins in its place.
    Close,
    Minute,
    /// A snapshot begins here, or goes on by so many znodes.
    Snapshot(usize),
    Durable,
}

fn path() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "c"]);
    vec(name, 1..4).prop_map(|names| format!("/{}", names.join("/")))
}

fn acls() -> Vec<Vec<Acl>> {
    vec![
        Acl::open(),
        Acl::open(),
        Acl::open(),
        Acl::creator_all(),
        Acl::read_only(),
    ]
}

fn write() -> impl Strategy<Value = Write> {
    let mode = prop::sample::select(CreateMode::ALL[..5].to_vec());
    let acl = prop::sample::select(acls());
    let data = || proptest::option::of(vec(any::<u8>(), 0..5));
    let version = || prop::sample::select(vec![-1, -1, -1, 0, 1]);
    prop_oneof![
        5 => (path(), mode, acl, data()).prop_map(|(p, m, a, d)| Write::Create(p, m, a, d)),
        1 => (path(), 1..100_000i64).prop_map(|(p, t)| Write::Ttl(p, t)),
        3 => (path(), version()).prop_map(|(p, v)| Write::Delete(p, v)),
        3 => (path(), data(), version()).prop_map(|(p, d, v)| Write::Set(p, d, v)),
    ]
}

fn in_multi() -> impl Strategy<Value = Write> {
    let check = (path(), -1..2).prop_map(|(p, v)| Write::Check(p, v));
    prop_oneof![4 => write(), 1 => check]
}

/// Any step.
pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => write().prop_map(Step::Write),
        4 => vec(in_multi(), 1..6).prop_map(Step::Multi),
        2 => (path(), 0..acls().len()).prop_map(|(p, a)| Step::SetAcl(p, a)),
        3 => (path(), any::<bool>()).prop_map(|(p, w)| Step::Exists(p, w)),
        3 => (path(), any::<bool>()).prop_map(|(p, w)| Step::Data(p, w)),
        3 => (path(), any::<bool>()).prop_map(|(p, w)| Step::Children(p, w)),
        1 => (path(), any::<bool>()).prop_map(|(p, r)| Step::AddWatch(p, r)),
        1 => path().prop_map(Step::RemoveWatches),
        1 => path().prop_map(Step::CountBelow),
        1 => Just(Step::Ephemerals),
        1 => Just(Step::Close),
        1 => Just(Step::Minute),
        2 => (1..4usize).prop_map(Step::Snapshot),
        2 => Just(Step::Durable),
    ]
}

/// A write on the wire.
pub(super) fn op(write: &Write) -> Op {
    let bytes = |data: &Option<Vec<u8>>| data.clone().map(Bytes::from);
    match write.clone() {
        Write::Create(path, mode, acl, data) => Op::Create2(CreateRequest {
            path,
            data: bytes(&data),
            acl,
            flags: mode.to_wire(),
        }),
        Write::Ttl(path, ttl_ms) => Op::CreateTtl(CreateTtlRequest {
            path,
            data: None,
            acl: Acl::open(),
            flags: CreateMode::PersistentWithTtl.to_wire(),
            ttl_ms,
        }),
        Write::Delete(path, version) => Op::Delete(DeleteRequest { path, version }),
        Write::Set(path, data, version) => Op::SetData(SetDataRequest {
            path,
            data: bytes(&data),
            version,
        }),
        Write::Check(path, version) => Op::Check(CheckVersionRequest { path, version }),
    }
}
