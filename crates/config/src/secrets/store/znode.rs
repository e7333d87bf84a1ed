//! What is done with a znode, where its being there or not is an answer.

use bytes::Bytes;
use dockeeper_zk_client::{Client, Error, ErrorCode, Multi};

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

/// Carries out writes together, unless somebody has changed, created or deleted one of their znodes.
/// Whether it did.
pub(super) async fn commit(client: &Client, writes: Multi) -> Result<bool, Error> {
    let is_overtaken = |error: &Error| {
        let codes = [
            ErrorCode::BadVersion,
            ErrorCode::NoNode,
            ErrorCode::NodeExists,
        ];
        codes.into_iter().any(|code| error.is(code))
    };
    match client.multi(writes).await {
        Ok(_) => Ok(true),
        Err(error) if is_overtaken(&error) => Ok(false),
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
