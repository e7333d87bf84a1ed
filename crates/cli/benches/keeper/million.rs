//! A large tree.

use crate::workload::create;
use dockeeper_load::Connection;
use dockeeper_zk_proto::create::CreateMode;
use std::net::SocketAddr;

/// Parents of the znodes, so that no listing is larger than a reply may be.
const PARENTS: usize = 1_000;

/// Children of each.
const CHILDREN: usize = 1_000;

/// Bytes of each child's data.
const DATA_LEN: usize = 100;

/// Creates a million znodes.
pub(crate) fn fill(server: SocketAddr) {
    let mut connection = Connection::open(server);
    connection.call(&create("/million", 0, CreateMode::Persistent));
    for parent in 0..PARENTS {
        let parent = format!("/million/parent-{parent:04}");
        connection.call(&create(&parent, 0, CreateMode::Persistent));
        let child = create(
            &format!("{parent}/child-"),
            DATA_LEN,
            CreateMode::PersistentSequential,
        );
        connection.saturate(&child, CHILDREN);
    }
}
