//! What is done with a znode, where its being there or not is an answer.

use bytes::Bytes;
use dockeeper_zk_client::{Client, CreateMode, Error, ErrorCode, path};

/// The names of a znode's children: none when it is not there.
pub(super) async fn names(client: &Client, path: &str) -> Result<Vec<String>, Error> {
    match client.list(path).await {
        Ok((names, _)) => Ok(names),
        Err(error) if error.is(ErrorCode::NoNode) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// A znode's content and version, if it is there.
pub(super) async fn get(client: &Client, path: &str) -> Result<Option<(Bytes, i32)>, Error> {
    match client.get(path).await {
        Ok((content, stat)) => Ok(Some((content, stat.version))),
        Err(error) if error.is(ErrorCode::NoNode) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Creates a znode, unless it is there. Whether it did: not yet where only its parent was created.
pub(super) async fn create(client: &Client, path: &str, content: Vec<u8>) -> Result<bool, Error> {
    let mode = CreateMode::Persistent;
    match client.create(path, content, mode).await {
        Ok(_) => Ok(true),
        Err(error) if error.is(ErrorCode::NodeExists) => Ok(false),
        Err(error) if error.is(ErrorCode::NoNode) => {
            let parent = path::parent(path).unwrap_or("/");
            client.create_all(parent, mode).await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Replaces a znode's content, unless somebody else changed or deleted it. Whether it did.
pub(super) async fn replace(
    client: &Client,
    path: &str,
    content: Vec<u8>,
    version: i32,
) -> Result<bool, Error> {
    match client.set(path, content, Some(version)).await {
        Ok(_) => Ok(true),
        Err(error) if error.is(ErrorCode::BadVersion) || error.is(ErrorCode::NoNode) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Deletes a znode. Whether it was there.
pub(super) async fn delete(client: &Client, path: &str) -> Result<bool, Error> {
    match client.delete(path, None).await {
        Ok(()) => Ok(true),
        Err(error) if error.is(ErrorCode::NoNode) => Ok(false),
        Err(error) => Err(error),
    }
}
