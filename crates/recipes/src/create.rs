//! Creating a znode together with its parents.

use crate::patience::repeat;
use bytes::Bytes;
use dockeeper_zk_client::{Client, CreateMode, Created, Error, ErrorCode, path};

/// How often a parent is made that is gone again, as an empty container may be.
const ROUNDS_MAX: usize = 4;

/// Creates a znode and, where they are missing, its parents, as containers: they end some time
/// after their last child.
pub(crate) async fn create(
    client: &Client,
    path: &str,
    data: &Bytes,
    mode: CreateMode,
) -> Result<Created, Error> {
    for _ in 1..ROUNDS_MAX {
        match client.create(path, data.clone(), mode).await {
            Err(error) if error.is(ErrorCode::NoNode) => {
                let parent = path::parent(path).unwrap_or("/");
                ensure(client, parent, CreateMode::Container).await?;
            }
            created => return created,
        }
    }
    client.create(path, data.clone(), mode).await
}

/// Creates a znode and its parents, where they are missing. Where the server knows no containers
/// they stay for good.
pub(crate) async fn ensure(client: &Client, path: &str, mode: CreateMode) -> Result<(), Error> {
    let create = |mode| repeat(move || client.create_all(path, mode));
    match create(mode).await {
        // A server before version 3.5.
        Err(error) if error.is(ErrorCode::Unimplemented) => create(CreateMode::Persistent).await,
        created => created,
    }
}
