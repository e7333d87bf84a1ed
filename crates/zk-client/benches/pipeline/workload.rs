//! What is measured.

use dockeeper_load::Request;
use dockeeper_zk_client::CreateMode;
use dockeeper_zk_proto::{
    acl::Acl,
    create::CreateRequest,
    data::{GetDataRequest, SetDataRequest},
    multi::{MultiRequest, Op},
};

/// Where the benchmark writes.
pub(crate) const PARENT: &str = "/parent";

/// What it reads and changes.
pub(crate) const NODE: &str = "/node";

/// Some requests of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    Creates,
    Sets,
    Gets,
    Multis,
    LargeSets,
    Sequence,
}

impl Workload {
    pub(crate) const ALL: [Self; 6] = [
        Self::Creates,
        Self::Sets,
        Self::Gets,
        Self::Multis,
        Self::LargeSets,
        Self::Sequence,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Creates => "creates of 200 B",
            Self::Sets => "sets of 200 B",
            Self::Gets => "gets of 200 B",
            Self::Multis => "sets in multis of 100",
            Self::LargeSets => "sets of 20 KB",
            Self::Sequence => "sets one after another",
        }
    }

    /// How many requests.
    pub(crate) fn count(self) -> u32 {
        match self {
            Self::Creates => 40_000,
            Self::Sets => 40_000,
            Self::Gets => 100_000,
            Self::Multis => 1_000,
            Self::LargeSets => 6_000,
            Self::Sequence => 2_000,
        }
    }

    /// How many operations are in one request.
    pub(crate) fn batch(self) -> u32 {
        if self == Self::Multis { 100 } else { 1 }
    }

    /// How many callers there are, each with one request at a time.
    pub(crate) fn callers(self) -> u32 {
        match self {
            Self::Sequence => 1,
            // More than the client and the server let through: there is always one more.
            _ => 4000.min(self.count()),
        }
    }

    pub(crate) fn data(self) -> Vec<u8> {
        vec![b'x'; if self == Self::LargeSets { 20_000 } else { 200 }]
    }

    /// A request as it stands on the wire. All of them may be the same.
    pub(crate) fn request(self) -> Request {
        let set = SetDataRequest {
            path: NODE.to_owned(),
            data: Some(self.data().into()),
            version: -1,
        };
        match self {
            Self::Creates => Request::new(&CreateRequest {
                path: format!("{PARENT}/n-"),
                data: Some(self.data().into()),
                acl: Acl::open(),
                flags: CreateMode::PersistentSequential.to_wire(),
            }),
            Self::Gets => Request::new(&GetDataRequest {
                path: NODE.to_owned(),
                watch: false,
            }),
            Self::Multis => Request::new(&MultiRequest {
                ops: (0..self.batch())
                    .map(|_| Op::SetData(set.clone()))
                    .collect(),
            }),
            Self::Sets | Self::LargeSets | Self::Sequence => Request::new(&set),
        }
    }
}
