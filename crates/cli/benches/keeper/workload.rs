//! What both servers are given.

use dockeeper_load::{Connection, Request};
use dockeeper_zk_proto::{
    acl::Acl,
    create::{CreateMode, CreateRequest},
    data::{GetDataRequest, SetDataRequest},
    multi::{MultiRequest, Op},
};
use std::net::SocketAddr;

/// Where znodes are created.
const PARENT: &str = "/parent";

/// What is read and changed.
pub(crate) const NODE: &str = "/node";

/// Sets in a multi.
const BATCH: usize = 100;

const SMALL: usize = 200;
const LARGE: usize = 20_000;

/// Requests of one kind, one behind the other on one connection, without waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    Creates,
    Sets,
    Gets,
    Multis,
    LargeSets,
}

impl Workload {
    pub(crate) const ALL: [Self; 5] = [
        Self::Creates,
        Self::Sets,
        Self::Gets,
        Self::Multis,
        Self::LargeSets,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Creates => "creates of 200 B",
            Self::Sets => "sets of 200 B",
            Self::Gets => "gets of 200 B",
            Self::Multis => "sets of 200 B in multis of 100",
            Self::LargeSets => "sets of 20 KB",
        }
    }

    /// How many requests at once: a second's or two for the slower server.
    pub(crate) fn count(self) -> usize {
        match self {
            Self::Creates | Self::Sets => 40_000,
            Self::Gets => 150_000,
            Self::Multis => 1_000,
            Self::LargeSets => 6_000,
        }
    }

    /// How many operations are in one request.
    pub(crate) fn batch(self) -> usize {
        if self == Self::Multis { BATCH } else { 1 }
    }

    pub(crate) fn request(self) -> Request {
        match self {
            Self::Creates => create(
                &format!("{PARENT}/n-"),
                SMALL,
                CreateMode::PersistentSequential,
            ),
            Self::Sets => Request::new(&set(SMALL)),
            Self::Gets => get(false),
            Self::Multis => Request::new(&MultiRequest {
                ops: (0..BATCH).map(|_| Op::SetData(set(SMALL))).collect(),
            }),
            Self::LargeSets => Request::new(&set(LARGE)),
        }
    }
}

/// Makes the znodes that the workloads need.
pub(crate) fn prepare(server: SocketAddr) {
    let mut connection = Connection::open(server);
    connection.call(&create(PARENT, 0, CreateMode::Persistent));
    connection.call(&create(NODE, SMALL, CreateMode::Persistent));
    connection.call(&Request::new(&set(SMALL)));
}

pub(crate) fn create(path: &str, data_len: usize, mode: CreateMode) -> Request {
    Request::new(&CreateRequest {
        path: path.to_owned(),
        data: Some(vec![b'x'; data_len].into()),
        acl: Acl::open(),
        flags: mode.to_wire(),
    })
}

/// Reads what the others change.
pub(crate) fn get(watch: bool) -> Request {
    Request::new(&GetDataRequest {
        path: NODE.to_owned(),
        watch,
    })
}

/// A small set, as the latency is measured with.
pub(crate) fn small_set() -> Request {
    Request::new(&set(SMALL))
}

fn set(data_len: usize) -> SetDataRequest {
    SetDataRequest {
        path: NODE.to_owned(),
        data: Some(vec![b'x'; data_len].into()),
        version: -1,
    }
}
