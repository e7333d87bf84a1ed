//! Several writes that take effect together, or not at all.

use crate::{
    chroot::Chroot,
    error::{Error, NotSent},
    version::to_wire,
};
use bytes::Bytes;
use dockeeper_zk_proto::{
    ErrorCode, Stat,
    acl::Acl,
    create::{CreateMode, CreateRequest},
    data::{CheckVersionRequest, DeleteRequest, SetDataRequest},
    multi::{MultiRequest, Op, OpResult},
    path,
};

/// Writes and checks that take effect together, or not at all.
///
/// `jute.maxbuffer` bounds the whole: keep it below half a megabyte.
#[derive(Clone, Debug, Default)]
pub struct Multi {
    ops: Vec<Op>,
}

/// What one operation of a successful multi came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MultiResult {
    /// A znode was created.
    Created {
        /// Its path, with the digits that the server appended.
        path: String,
        /// Its metadata: Apache ZooKeeper tells it for containers only.
        stat: Option<Stat>,
    },
    /// A znode's data was replaced.
    Set(Stat),
    /// A znode was deleted.
    Deleted,
    /// A znode has the version that was demanded.
    Checked,
}

// === impl Multi ===

impl Multi {
    /// No operation yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a znode with the access control list of the client's configuration.
    #[must_use]
    pub fn create(mut self, path: &str, data: impl Into<Bytes>, mode: CreateMode) -> Self {
        let request = CreateRequest {
            path: path.to_owned(),
            data: Some(data.into()),
            acl: Vec::new(),
            flags: mode.to_wire(),
        };
        self.ops.push(match mode {
            CreateMode::Container => Op::CreateContainer(request),
            _ => Op::Create(request),
        });
        self
    }

    /// Replaces a znode's data, if it has the given version.
    #[must_use]
    pub fn set(mut self, path: &str, data: impl Into<Bytes>, version: Option<i32>) -> Self {
        self.ops.push(Op::SetData(SetDataRequest {
            path: path.to_owned(),
            data: Some(data.into()),
            version: to_wire(version),
        }));
        self
    }

    /// Deletes a znode, if it has the given version.
    #[must_use]
    pub fn delete(mut self, path: &str, version: Option<i32>) -> Self {
        self.ops.push(Op::Delete(DeleteRequest {
            path: path.to_owned(),
            version: to_wire(version),
        }));
        self
    }

    /// Fails the whole unless the znode is there and has the given version.
    #[must_use]
    pub fn check(mut self, path: &str, version: Option<i32>) -> Self {
        self.ops.push(Op::Check(CheckVersionRequest {
            path: path.to_owned(),
            version: to_wire(version),
        }));
        self
    }

    /// How many operations there are.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Whether there is no operation.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    pub(crate) fn first_path(&self) -> Option<&str> {
        self.ops.first().map(Op::path)
    }

    pub(crate) fn into_request(
        mut self,
        acl: &[Acl],
        chroot: &Chroot,
    ) -> Result<MultiRequest, Error> {
        for op in &mut self.ops {
            let mode = match op {
                Op::Create2(create) | Op::Create(create) | Op::CreateContainer(create) => {
                    create.acl = acl.to_vec();
                    CreateMode::from_wire(create.flags)
                }
                Op::CreateTtl(_) | Op::Delete(_) | Op::SetData(_) | Op::Check(_) => None,
            };
            if mode.is_some_and(CreateMode::has_ttl) {
                return Err(Error::new("multi", op.path(), NotSent::Ttl));
            }
            let validate = if mode.is_some_and(CreateMode::is_sequential) {
                path::validate_sequential
            } else {
                path::validate
            };
            validate(op.path()).map_err(|why| Error::new("multi", op.path(), why))?;
            let path = chroot.to_server(op.path());
            *op.path_mut() = path;
        }
        Ok(MultiRequest { ops: self.ops })
    }
}

// === impl MultiResult ===

impl MultiResult {
    /// The operation that made a multi fail; the others only say that they were not tried.
    pub(crate) fn failure<'a>(
        mut results: impl Iterator<Item = (OpResult, &'a Op)>,
    ) -> Option<(ErrorCode, &'a Op)> {
        results.find_map(|(result, op)| match result {
            OpResult::Error(Some(code)) if code != ErrorCode::RuntimeInconsistency => {
                Some((code, op))
            }
            _ => None,
        })
    }

    pub(crate) fn new(result: OpResult, client_path: impl Fn(&str) -> String) -> Self {
        match result {
            OpResult::Create2(created) => Self::Created {
                path: client_path(&created.path),
                stat: Some(created.stat),
            },
            OpResult::Create(created) => Self::Created {
                path: client_path(&created.path),
                stat: None,
            },
            OpResult::SetData(set) => Self::Set(set.stat),
            OpResult::Delete => Self::Deleted,
            // No request of ours has the other answers.
            OpResult::Check
            | OpResult::GetData(_)
            | OpResult::GetChildren(_)
            | OpResult::Error(_) => Self::Checked,
        }
    }
}
