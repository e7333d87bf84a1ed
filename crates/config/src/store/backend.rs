//! What those who store and collect blobs need of ZooKeeper. A trait, so that a test can play them
//! against each other, request by request.

use super::{Error, Store, retry::patiently};
use crate::blob;
use bytes::Bytes;
use dockeeper_model::{
    config::{AppName, Digest, Release},
    layout,
};
use dockeeper_zk_client::{CreateMode, ErrorCode, Multi, path};

/// What is known of a blob that was not read. Times are the server's, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlobStat {
    pub(super) version: i32,
    pub(super) written_ms: i64,
    pub(super) len: usize,
}

/// A collection: the newest one alone may remove something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    pub(super) version: i32,
    /// When it began, by the server's clock.
    pub(super) began_ms: i64,
}

/// What became of a blob that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removed {
    Gone,
    /// It was written again meanwhile, or somebody else removed it.
    Changed,
    /// Another collection began.
    Fenced,
}

pub(super) trait Backend {
    /// What is known of a blob; `None` when there is none.
    async fn stat(&self, blob: &Digest) -> Result<Option<BlobStat>, Error>;

    /// Writes a blob, also when it is there, and tells when that was by the server's clock.
    async fn write(&self, blob: &Digest, packed: &Bytes) -> Result<i64, Error>;

    /// A blob's content, which is what its address says; `None` when there is none.
    async fn read(&self, blob: &Digest) -> Result<Option<Bytes>, Error>;

    /// Begins a collection, and ends all others.
    async fn begin_collection(&self) -> Result<Fence, Error>;

    /// The folders that blobs are in.
    async fn folders(&self) -> Result<Vec<String>, Error>;

    /// The blobs in a folder.
    async fn blobs(&self, folder: &str) -> Result<Vec<Digest>, Error>;

    /// Removes a blob, if it still has the version.
    async fn remove(&self, fence: Fence, blob: &Digest, version: i32) -> Result<Removed, Error>;

    /// All apps.
    async fn apps(&self) -> Result<Vec<AppName>, Error>;

    /// The numbers of an app's releases, in order.
    async fn releases(&self, app: &AppName) -> Result<Vec<u64>, Error>;

    /// A release; `None` when it is there no longer.
    async fn release(&self, app: &AppName, release: u64) -> Result<Option<Release>, Error>;
}

// === impl Store ===

impl Backend for Store {
    async fn stat(&self, blob: &Digest) -> Result<Option<BlobStat>, Error> {
        let path = layout::blob(blob);
        let stat = patiently(|| self.client.exists(&path)).await?;
        Ok(stat.map(|stat| BlobStat {
            version: stat.version,
            written_ms: stat.mtime_ms,
            len: usize::try_from(stat.data_len).unwrap_or_default(),
        }))
    }

    async fn write(&self, blob: &Digest, packed: &Bytes) -> Result<i64, Error> {
        let path = layout::blob(blob);
        let folder = path::parent(&path).unwrap_or(layout::BLOBS);
        // Whatever is there, and whoever removes it meanwhile: set, or else create, or else set.
        let written = patiently(async || {
            match self.client.set(&path, packed.clone(), None).await {
                Err(error) if error.is(ErrorCode::NoNode) => {}
                set => return set.map(|stat| stat.mtime_ms),
            }
            let create = || {
                self.client
                    .create(&path, packed.clone(), CreateMode::Persistent)
            };
            let created = match create().await {
                Err(error) if error.is(ErrorCode::NoNode) => {
                    self.client
                        .create_all(folder, CreateMode::Persistent)
                        .await?;
                    create().await
                }
                created => created,
            };
            match created {
                Err(error) if error.is(ErrorCode::NodeExists) => {
                    let set = self.client.set(&path, packed.clone(), None).await;
                    set.map(|stat| stat.mtime_ms)
                }
                created => created.map(|created| created.stat.mtime_ms),
            }
        });
        Ok(written.await?)
    }

    async fn read(&self, blob: &Digest) -> Result<Option<Bytes>, Error> {
        let path = layout::blob(blob);
        let Some((packed, _)) = self.get(&path).await? else {
            return Ok(None);
        };
        let content = blob::unpack(blob, &packed).map_err(|why| Error::WrongBlob {
            address: *blob,
            why,
        })?;
        Ok(Some(content))
    }

    async fn begin_collection(&self) -> Result<Fence, Error> {
        let root = layout::BLOBS;
        let began = match self.touch(root).await {
            Err(Error::ZooKeeper(error)) if error.is(ErrorCode::NoNode) => {
                let mode = CreateMode::Persistent;
                patiently(|| self.client.create_all(root, mode)).await?;
                self.touch(root).await
            }
            touched => touched,
        };
        let stat = began?;
        Ok(Fence {
            version: stat.version,
            began_ms: stat.mtime_ms,
        })
    }

    async fn folders(&self) -> Result<Vec<String>, Error> {
        self.list(layout::BLOBS).await
    }

    async fn blobs(&self, folder: &str) -> Result<Vec<Digest>, Error> {
        let names = self.list(&path::join(layout::BLOBS, folder)).await?;
        // What is none of ours is left alone.
        let blobs = names
            .iter()
            .filter_map(|name| format!("{folder}{name}").parse().ok());
        Ok(blobs.collect())
    }

    async fn remove(&self, fence: Fence, blob: &Digest, version: i32) -> Result<Removed, Error> {
        let multi = Multi::new()
            .check(layout::BLOBS, Some(fence.version))
            .delete(&layout::blob(blob), Some(version));
        // Once only: a second try could meet a blob that was removed and made again.
        match self.write_all(multi).await {
            Ok(_) => Ok(Removed::Gone),
            Err(Error::ZooKeeper(error)) => match error.code() {
                Some(ErrorCode::BadVersion | ErrorCode::NoNode) => {
                    Ok(match error.path() == layout::BLOBS {
                        true => Removed::Fenced,
                        false => Removed::Changed,
                    })
                }
                _ => Err(error.into()),
            },
            Err(error) => Err(error),
        }
    }

    async fn apps(&self) -> Result<Vec<AppName>, Error> {
        let names = self.list(layout::CONFIG).await?;
        let mut apps: Vec<_> = names.iter().filter_map(|name| name.parse().ok()).collect();
        apps.sort_unstable();
        Ok(apps)
    }

    async fn releases(&self, app: &AppName) -> Result<Vec<u64>, Error> {
        let names = self.list(&layout::releases(app)).await?;
        let mut releases: Vec<_> = names.iter().filter_map(|name| name.parse().ok()).collect();
        releases.sort_unstable();
        Ok(releases)
    }

    async fn release(&self, app: &AppName, release: u64) -> Result<Option<Release>, Error> {
        let record = self.record(&layout::release(app, release)).await?;
        Ok(record.map(|(release, _)| release))
    }
}
