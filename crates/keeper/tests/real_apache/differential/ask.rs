//! What a session may ask, and what it is answered.

mod answer;
mod choose;

pub(crate) use answer::Body;

use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{
    OpCode, Record,
    acl::{Acl, GetAclRequest, SetAclRequest},
    create::{CreateMode, CreateRequest, CreateTtlRequest},
    data::{
        CheckVersionRequest, DeleteRequest, ExistsRequest, GetAllChildrenNumberRequest,
        GetChildren2Request, GetChildrenRequest, GetDataRequest, SetDataRequest, SyncRequest,
    },
    multi::{MultiReadRequest, MultiRequest, Op, ReadOp},
    session::{AuthRequest, GetEphemeralsRequest},
    watch::{
        AddWatchMode, AddWatchRequest, CheckWatchesRequest, RemoveWatchesRequest,
        SetWatches2Request, WatcherType,
    },
};
use fastrand::Rng;

/// A request. Paths are relative to the sequence's root.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    /// One of the five create operations, with flags that need not fit to it.
    Create(OpCode, Create),
    Delete(String, i32),
    Exists(String, bool),
    GetData(String, bool),
    SetData(String, Option<Bytes>, i32),
    GetAcl(String),
    SetAcl(String, Vec<Acl>, i32),
    GetChildren(String, bool),
    GetChildren2(String, bool),
    CountChildren(String),
    GetEphemerals(String),
    Sync(String),
    Multi(Vec<Write>),
    MultiRead(Vec<Read>),
    AddWatch(String, AddWatchMode),
    RemoveWatches(String, WatcherType),
    CheckWatches(String, WatcherType),
    SetWatches(Watches),
    Auth(&'static str, &'static str),
    WhoAmI,
    /// An opcode that stands for nothing, or whose body is missing.
    Odd(i32),
}

/// What is created.
#[derive(Clone, Debug)]
pub(crate) struct Create {
    path: String,
    data: Option<Bytes>,
    acl: Vec<Acl>,
    flags: i32,
    ttl_ms: i64,
}

/// An operation of a multi.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    Create(OpCode, Create),
    Delete(String, i32),
    SetData(String, Option<Bytes>, i32),
    Check(String, i32),
}

/// A read of a multi.
#[derive(Clone, Debug)]
pub(crate) enum Read {
    GetData(String),
    GetChildren(String),
}

/// What a client sets again behind a reconnect.
#[derive(Clone, Debug)]
pub(crate) struct Watches {
    data: Vec<String>,
    exist: Vec<String>,
    child: Vec<String>,
}

// === impl Ask ===

impl Ask {
    /// What the session in a seat asks.
    pub(crate) fn random(rng: &mut Rng, seat: usize) -> Self {
        choose::ask(rng, seat)
    }

    pub(crate) fn opcode(&self) -> i32 {
        let opcode = match self {
            Self::Create(opcode, _) => *opcode,
            Self::Delete(..) => OpCode::Delete,
            Self::Exists(..) => OpCode::Exists,
            Self::GetData(..) => OpCode::GetData,
            Self::SetData(..) => OpCode::SetData,
            Self::GetAcl(_) => OpCode::GetAcl,
            Self::SetAcl(..) => OpCode::SetAcl,
            Self::GetChildren(..) => OpCode::GetChildren,
            Self::GetChildren2(..) => OpCode::GetChildren2,
            Self::CountChildren(_) => OpCode::GetAllChildrenNumber,
            Self::GetEphemerals(_) => OpCode::GetEphemerals,
            Self::Sync(_) => OpCode::Sync,
            Self::Multi(_) => OpCode::Multi,
            Self::MultiRead(_) => OpCode::MultiRead,
            Self::AddWatch(..) => OpCode::AddWatch,
            Self::RemoveWatches(..) => OpCode::RemoveWatches,
            Self::CheckWatches(..) => OpCode::CheckWatches,
            Self::SetWatches(_) => OpCode::SetWatches2,
            Self::Auth(..) => OpCode::Auth,
            Self::WhoAmI => OpCode::WhoAmI,
            Self::Odd(opcode) => return *opcode,
        };
        opcode.to_wire()
    }

    /// The request's body, below `root`.
    pub(crate) fn body(&self, root: &str) -> Bytes {
        let at = |path: &String| format!("{root}{path}");
        match self {
            Self::Create(opcode, create) => create.body(*opcode, root),
            Self::Delete(path, version) => delete(at(path), *version).to_bytes(),
            Self::Exists(path, watch) => ExistsRequest {
                path: at(path),
                watch: *watch,
            }
            .to_bytes(),
            Self::GetData(path, watch) => get_data(at(path), *watch).to_bytes(),
            Self::SetData(path, data, version) => set_data(at(path), data, *version).to_bytes(),
            Self::GetAcl(path) => GetAclRequest { path: at(path) }.to_bytes(),
            Self::SetAcl(path, acl, version) => SetAclRequest {
                path: at(path),
                acl: acl.clone(),
                version: *version,
            }
            .to_bytes(),
            Self::GetChildren(path, watch) => get_children(at(path), *watch).to_bytes(),
            Self::GetChildren2(path, watch) => GetChildren2Request {
                path: at(path),
                watch: *watch,
            }
            .to_bytes(),
            Self::CountChildren(path) => GetAllChildrenNumberRequest { path: at(path) }.to_bytes(),
            Self::GetEphemerals(prefix) => GetEphemeralsRequest { prefix: at(prefix) }.to_bytes(),
            Self::Sync(path) => SyncRequest { path: at(path) }.to_bytes(),
            Self::Multi(writes) => MultiRequest {
                ops: writes.iter().map(|write| write.op(root)).collect(),
            }
            .to_bytes(),
            Self::MultiRead(reads) => MultiReadRequest {
                ops: reads.iter().map(|read| read.op(root)).collect(),
            }
            .to_bytes(),
            _ => self.watch_body(root),
        }
    }

    fn watch_body(&self, root: &str) -> Bytes {
        let at = |path: &String| format!("{root}{path}");
        let all = |paths: &[String]| paths.iter().map(at).collect();
        match self {
            Self::AddWatch(path, mode) => AddWatchRequest {
                path: at(path),
                mode: *mode,
            }
            .to_bytes(),
            Self::RemoveWatches(path, kind) => RemoveWatchesRequest {
                path: at(path),
                kind: *kind,
            }
            .to_bytes(),
            Self::CheckWatches(path, kind) => CheckWatchesRequest {
                path: at(path),
                kind: *kind,
            }
            .to_bytes(),
            Self::SetWatches(watches) => SetWatches2Request {
                // Everything that is there is newer, or nothing is: numbers differ between servers.
                relative_zxid: 0,
                data: all(&watches.data),
                exist: all(&watches.exist),
                child: all(&watches.child),
                persistent: Vec::new(),
                persistent_recursive: Vec::new(),
            }
            .to_bytes(),
            Self::Auth(scheme, auth) => AuthRequest {
                kind: 0,
                scheme: (*scheme).to_owned(),
                auth: Some(Bytes::from_static(auth.as_bytes())),
            }
            .to_bytes(),
            _ => Bytes::new(),
        }
    }
}

// === impl Create ===

impl Create {
    fn request(&self, root: &str) -> CreateRequest {
        CreateRequest {
            path: format!("{root}{}", self.path),
            data: self.data.clone(),
            acl: self.acl.clone(),
            flags: self.flags,
        }
    }

    fn with_ttl(&self, root: &str) -> CreateTtlRequest {
        let request = self.request(root);
        CreateTtlRequest {
            path: request.path,
            data: request.data,
            acl: request.acl,
            flags: request.flags,
            ttl_ms: self.ttl_ms,
        }
    }

    fn body(&self, opcode: OpCode, root: &str) -> Bytes {
        let mut out = BytesMut::new();
        if opcode == OpCode::CreateTtl {
            self.with_ttl(root).encode(&mut out);
        } else {
            self.request(root).encode(&mut out);
        }
        out.freeze()
    }

    fn has_ttl(&self) -> bool {
        CreateMode::from_wire(self.flags).is_some_and(CreateMode::has_ttl)
    }
}

// === impl Write ===

impl Write {
    fn op(&self, root: &str) -> Op {
        let at = |path: &String| format!("{root}{path}");
        match self {
            Self::Create(OpCode::Create, create) => Op::Create(create.request(root)),
            Self::Create(OpCode::CreateContainer, create) => {
                Op::CreateContainer(create.request(root))
            }
            Self::Create(OpCode::CreateTtl, create) => Op::CreateTtl(create.with_ttl(root)),
            Self::Create(_, create) => Op::Create2(create.request(root)),
            Self::Delete(path, version) => Op::Delete(delete(at(path), *version)),
            Self::SetData(path, data, version) => Op::SetData(set_data(at(path), data, *version)),
            Self::Check(path, version) => Op::Check(check(at(path), *version)),
        }
    }
}

// === impl Read ===

impl Read {
    fn op(&self, root: &str) -> ReadOp {
        match self {
            Self::GetData(path) => ReadOp::GetData(get_data(format!("{root}{path}"), false)),
            Self::GetChildren(path) => {
                ReadOp::GetChildren(get_children(format!("{root}{path}"), false))
            }
        }
    }
}

fn delete(path: String, version: i32) -> DeleteRequest {
    DeleteRequest { path, version }
}

fn check(path: String, version: i32) -> CheckVersionRequest {
    CheckVersionRequest { path, version }
}

fn set_data(path: String, data: &Option<Bytes>, version: i32) -> SetDataRequest {
    SetDataRequest {
        path,
        data: data.clone(),
        version,
    }
}

fn get_data(path: String, watch: bool) -> GetDataRequest {
    GetDataRequest { path, watch }
}

fn get_children(path: String, watch: bool) -> GetChildrenRequest {
    GetChildrenRequest { path, watch }
}
