//! Takes nodes, services and containers out of service, and puts them back.

use super::Error;
use dockeeper_model::{Maintenance, decode, encode, maintenance::Subject};
use dockeeper_zk_client::{Client, CreateMode, ErrorCode, path};

/// How often a change is tried that others' changes come in between of.
const ROUNDS_MAX: usize = 10;

/// Takes something out of service, or gives another reason for it. Returns the mark that was
/// there before.
///
/// # Errors
///
/// [`Error::ZooKeeper`], [`Error::Contended`].
pub async fn set(
    client: &Client,
    subject: &Subject,
    maintenance: &Maintenance,
) -> Result<Option<Maintenance>, Error> {
    let path = subject.path();
    for _ in 0..ROUNDS_MAX {
        let content = encode(maintenance);
        match client.create(&path, content, CreateMode::Persistent).await {
            Ok(_) => return Ok(None),
            Err(failure) if failure.is(ErrorCode::NoNode) => {
                // A container goes with the last mark in it.
                let parent = path::parent(&path).unwrap_or("/");
                client.create_all(parent, CreateMode::Container).await?;
            }
            Err(failure) if failure.is(ErrorCode::NodeExists) => {
                if let Some(before) = replace(client, &path, maintenance).await? {
                    return Ok(Some(before));
                }
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    Err(contended(path))
}

/// Puts something back into service. Returns the mark that was there; `None` when there was none.
///
/// # Errors
///
/// [`Error::ZooKeeper`], [`Error::Contended`].
pub async fn remove(client: &Client, subject: &Subject) -> Result<Option<Maintenance>, Error> {
    let path = subject.path();
    for _ in 0..ROUNDS_MAX {
        let (content, stat) = match client.get(&path).await {
            Ok(found) => found,
            Err(failure) if failure.is(ErrorCode::NoNode) => return Ok(None),
            Err(failure) => return Err(failure.into()),
        };
        match client.delete(&path, Some(stat.version)).await {
            Ok(()) => return Ok(Some(read(&content))),
            Err(failure) if has_changed(&failure) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Err(contended(path))
}

/// What a mark says.
pub(super) fn read(content: &[u8]) -> Maintenance {
    decode(content).unwrap_or_else(|_| Maintenance {
        reason: "its znode has foreign content".to_owned(),
        ..Maintenance::default()
    })
}

/// Overwrites a mark and returns it as it was; `None` when it changed meanwhile.
async fn replace(
    client: &Client,
    path: &str,
    maintenance: &Maintenance,
) -> Result<Option<Maintenance>, Error> {
    let replaced = async {
        let (before, stat) = client.get(path).await?;
        let content = encode(maintenance);
        client.set(path, content, Some(stat.version)).await?;
        Ok(read(&before))
    };
    match replaced.await {
        Ok(before) => Ok(Some(before)),
        Err(failure) if has_changed(&failure) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

fn has_changed(failure: &dockeeper_zk_client::Error) -> bool {
    failure.is(ErrorCode::BadVersion) || failure.is(ErrorCode::NoNode)
}

fn contended(path: String) -> Error {
    let rounds = ROUNDS_MAX;
    Error::Contended { path, rounds }
}
