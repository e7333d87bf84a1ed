//! Several reads in one request.

use crate::{chroot::Chroot, error::Error};
use bytes::Bytes;
use dockeeper_zk_proto::{
    Stat,
    data::{GetChildrenRequest, GetDataRequest},
    multi::{MultiReadRequest, OpResult, ReadOp},
    path,
};

/// Several reads in one request and one answer. Each succeeds or fails by itself; together they
/// are not a snapshot.
///
/// The client's `reply_len_max` bounds the answer.
#[derive(Clone, Debug, Default)]
pub struct MultiRead {
    ops: Vec<ReadOp>,
}

/// What one read came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadResult {
    /// A znode's data and metadata.
    Data(Bytes, Stat),
    /// The names of a znode's children, in no order.
    Children(Vec<String>),
}

// === impl MultiRead ===

impl MultiRead {
    /// No read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gets a znode's data and metadata.
    #[must_use]
    pub fn get(mut self, path: &str) -> Self {
        self.ops.push(ReadOp::GetData(GetDataRequest {
            path: path.to_owned(),
            watch: false,
        }));
        self
    }

    /// Lists a znode's children.
    #[must_use]
    pub fn list(mut self, path: &str) -> Self {
        self.ops.push(ReadOp::GetChildren(GetChildrenRequest {
            path: path.to_owned(),
            watch: false,
        }));
        self
    }

    /// How many reads there are.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Whether there is no read.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// The paths as the client sees them, in order.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.ops.iter().map(|op| path_of(op).to_owned()).collect()
    }

    pub(crate) fn into_request(mut self, chroot: &Chroot) -> Result<MultiReadRequest, Error> {
        for op in &mut self.ops {
            path::validate(path_of(op))
                .map_err(|why| Error::new("multi read", path_of(op), why))?;
            let (ReadOp::GetData(GetDataRequest { path, .. })
            | ReadOp::GetChildren(GetChildrenRequest { path, .. })) = op;
            *path = chroot.to_server(path);
        }
        Ok(MultiReadRequest { ops: self.ops })
    }
}

fn path_of(op: &ReadOp) -> &str {
    match op {
        ReadOp::GetData(get) => &get.path,
        ReadOp::GetChildren(list) => &list.path,
    }
}

// === impl ReadResult ===

impl ReadResult {
    /// What a result on the wire says; `None` for one that is no answer to a read.
    pub(crate) fn new(result: OpResult, path: &str) -> Option<Result<Self, Error>> {
        match result {
            OpResult::GetData(got) => Some(Ok(Self::Data(got.data.unwrap_or_default(), got.stat))),
            OpResult::GetChildren(listed) => Some(Ok(Self::Children(listed.children))),
            OpResult::Error(Some(code)) => Some(Err(Error::new("multi read", path, code))),
            OpResult::Error(None)
            | OpResult::Create(_)
            | OpResult::Create2(_)
            | OpResult::Delete
            | OpResult::SetData(_)
            | OpResult::Check => None,
        }
    }
}
