//! The one transaction that makes a release.

use super::{Error, Store, base::Base, retry::patiently};
use dockeeper_model::{
    config::{AppName, Head, Release, Rollout},
    encode, layout,
};
use dockeeper_zk_client::{CreateMode, ErrorCode, ErrorKind, Multi};

/// What became of a release that was to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Committed {
    Yes,
    /// Somebody else was first: nothing has changed.
    Overtaken,
}

// === impl Store ===

impl Store {
    /// Makes a release whose content is stored, if what it builds on has not changed.
    pub(super) async fn commit(
        &self,
        app: &AppName,
        base: &Base,
        release: &Release,
        rollout: &Rollout,
    ) -> Result<Committed, Error> {
        let path = layout::release(app, release.release);
        let multi = Multi::new().create(&path, encode(release), CreateMode::Persistent);
        let head = Head {
            release: release.release,
        };
        let head_version = base.head.as_ref().map(|(_, version)| *version);
        let multi = put(multi, &layout::head(app), encode(&head), head_version);
        let rollout_version = base.rollout.as_ref().map(|(_, version)| *version);
        let multi = put(
            multi,
            &layout::rollout(app),
            encode(rollout),
            rollout_version,
        );
        let error = match self.write_all(multi).await {
            Ok(_) => return Ok(Committed::Yes),
            Err(Error::ZooKeeper(error)) => error,
            Err(error) => return Err(error),
        };
        match error.kind() {
            ErrorKind::Refused(ErrorCode::BadVersion | ErrorCode::NodeExists) => {
                Ok(Committed::Overtaken)
            }
            ErrorKind::Refused(ErrorCode::NoNode) => {
                self.make(app).await?;
                Ok(Committed::Overtaken)
            }
            ErrorKind::Refused(_) if error.is_transient() => Ok(Committed::Overtaken),
            ErrorKind::Unknown(_) if error.is_disconnected() => self.look(app, release).await,
            _ => Err(error.into()),
        }
    }

    /// After a lost answer: the record tells whether the transaction took effect. If it is not there
    /// now, it never will be, for a session's requests are taken one after another.
    async fn look(&self, app: &AppName, release: &Release) -> Result<Committed, Error> {
        let path = layout::release(app, release.release);
        patiently(|| self.client.sync(&path)).await?;
        let found = self.record::<Release>(&path).await?;
        Ok(match found.is_some_and(|(found, _)| found == *release) {
            true => Committed::Yes,
            false => Committed::Overtaken,
        })
    }
}

/// Replaces what has this version, or creates what is not there.
fn put(multi: Multi, path: &str, content: Vec<u8>, version: Option<i32>) -> Multi {
    match version {
        Some(version) => multi.set(path, content, Some(version)),
        None => multi.create(path, content, CreateMode::Persistent),
    }
}
