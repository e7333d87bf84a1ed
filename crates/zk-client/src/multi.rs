//! Several writes that take effect together, or not at all.

use crate::{
    chroot::Chroot,
    client::CreateOptions,
    error::{Error, NotSent},
    version::to_wire,
};
use bytes::Bytes;
use dockeeper_zk_proto::{
    ErrorCode, Stat,
    acl::Acl,
    create::{CreateMode, CreateRequest, CreateTtlRequest},
    data::{CheckVersionRequest, DeleteRequest, SetDataRequest},
    multi::{MultiRequest, Op, OpResult},
    path,
};

/// Writes and checks that take effect together, or not at all.
///
/// `jute.maxbuffer` bounds the whole: keep it below half a megabyte.
///
/// ```no_run
/// # use dockeeper_zk_client::{Client, CreateMode, Error, Multi};
/// # async fn example(client: &Client) -> Result<(), Error> {
/// let hand_over = Multi::new()
///     .check("/jobs", Some(7))
///     .delete("/jobs/1", None)
///     .create("/done/1", "ok", CreateMode::Persistent);
/// client.multi(hand_over).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Multi {
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Create(CreateRequest, CreateOptions),
    Other(Op),
}

/// What one operation of a successful multi came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MultiResult {
    /// A znode was created.
    Created {
        /// Its path, with the digits that the server appended.
        path: String,
        /// Its metadata: Apache ZooKeeper tells it for containers and for
        /// znodes with a time to live only.
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
    pub fn create(self, path: &str, data: impl Into<Bytes>, mode: CreateMode) -> Self {
        self.create_with(path, data, CreateOptions::new(mode))
    }

    /// Creates a znode.
    #[must_use]
    pub fn create_with(
        mut self,
        path: &str,
        data: impl Into<Bytes>,
        options: CreateOptions,
    ) -> Self {
        let request = CreateRequest {
            path: path.to_owned(),
            data: Some(data.into()),
            acl: Vec::new(),
            flags: options.mode.to_wire(),
        };
        self.steps.push(Step::Create(request, options));
        self
    }

    /// Replaces a znode's data, if it has the given version.
    #[must_use]
    pub fn set(mut self, path: &str, data: impl Into<Bytes>, version: Option<i32>) -> Self {
        self.steps.push(Step::Other(Op::SetData(SetDataRequest {
            path: path.to_owned(),
            data: Some(data.into()),
            version: to_wire(version),
        })));
        self
    }

    /// Deletes a znode, if it has the given version.
    #[must_use]
    pub fn delete(mut self, path: &str, version: Option<i32>) -> Self {
        self.steps.push(Step::Other(Op::Delete(DeleteRequest {
            path: path.to_owned(),
            version: to_wire(version),
        })));
        self
    }

    /// Fails the whole unless the znode is there and has the given version.
    #[must_use]
    pub fn check(mut self, path: &str, version: Option<i32>) -> Self {
        self.steps.push(Step::Other(Op::Check(CheckVersionRequest {
            path: path.to_owned(),
            version: to_wire(version),
        })));
        self
    }

    /// Carries out what `other` has behind what is there.
    #[must_use]
    pub fn append(mut self, other: Self) -> Self {
        self.steps.extend(other.steps);
        self
    }

    /// How many operations there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether there is no operation.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub(crate) fn first_path(&self) -> Option<&str> {
        self.steps.first().map(Step::path)
    }

    pub(crate) fn into_request(self, acl: &[Acl], chroot: &Chroot) -> Result<MultiRequest, Error> {
        let steps = self.steps.into_iter();
        let ops = steps.map(|step| {
            let path = step.path().to_owned();
            let fail = |why: NotSent| Error::new("multi", path.as_str(), why);
            let mut op = step.into_op(acl).map_err(fail)?;
            *op.path_mut() = chroot.to_server(&path);
            Ok(op)
        });
        Ok(MultiRequest {
            ops: ops.collect::<Result<_, Error>>()?,
        })
    }
}

// === impl Step ===

impl Step {
    fn path(&self) -> &str {
        match self {
            Self::Create(create, _) => &create.path,
            Self::Other(op) => op.path(),
        }
    }

    fn into_op(self, default_acl: &[Acl]) -> Result<Op, NotSent> {
        let (mut create, options) = match self {
            Self::Create(create, options) => (create, options),
            Self::Other(op) => {
                path::validate(op.path())?;
                return Ok(op);
            }
        };
        let ttl_ms = options.ttl_ms()?;
        options.validate(&create.path)?;
        create.acl = options.acl.unwrap_or_else(|| default_acl.to_vec());
        Ok(match (ttl_ms, options.mode) {
            (Some(ttl_ms), _) => Op::CreateTtl(CreateTtlRequest {
                path: create.path,
                data: create.data,
                acl: create.acl,
                flags: create.flags,
                ttl_ms,
            }),
            (None, CreateMode::Container) => Op::CreateContainer(create),
            (None, _) => Op::Create(create),
        })
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
