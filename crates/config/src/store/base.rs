//! What a new release builds on.

use super::{Error, Store, backend::Backend, retry::patiently};
use dockeeper_model::{
    config::{App, AppName, Head, Release, Rollout},
    encode, layout,
};
use dockeeper_zk_client::{CreateMode, ErrorCode};
use tokio::try_join;

/// What a new release begins with, for who decides how it is rolled out.
#[derive(Clone, Copy, Debug)]
pub struct Beginning<'a> {
    /// The app's settings.
    pub app: &'a App,
    /// The rollout of the release before, whatever became of it.
    pub before: Option<&'a Rollout>,
    /// The new release.
    pub release: &'a Release,
}

/// What a new release builds on, with the versions that must not have changed when it is made.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) settings: App,
    pub(super) head: Option<(Release, i32)>,
    pub(super) rollout: Option<(Rollout, i32)>,
    /// The new release's number.
    pub(super) next: u64,
}

// === impl Base ===

impl Base {
    /// Whether the head is what was expected; 0 stands for no head.
    pub(super) fn is_expected(&self, expected: Option<u64>) -> bool {
        let head = self.head.as_ref().map_or(0, |(head, _)| head.release);
        expected.is_none_or(|expected| expected == head)
    }
}

// === impl Store ===

impl Store {
    /// What a new release of an app builds on; `None` when it changed while it was read.
    pub(super) async fn base(&self, app: &AppName) -> Result<Option<Base>, Error> {
        let (head, rollout) = (layout::head(app), layout::rollout(app));
        // Sent first, as the others are answered behind it: what another session has just made, on
        // another server, is not to be missed.
        let caught_up = async {
            let synced = patiently(|| self.client.sync(layout::CONFIG)).await;
            synced.map_err(Error::from)
        };
        let ((), settings, head, rollout) = try_join!(
            biased;
            caught_up,
            self.settings(app),
            self.record::<Head>(&head),
            self.record::<Rollout>(&rollout),
        )?;
        let (head, last) = match head {
            Some((head, stat)) => match Backend::release(self, app, head.release).await? {
                Some(release) => (Some((release, stat.version)), head.release),
                None => return Ok(None),
            },
            // Releases without a head are what an unfinished removal left.
            None => (None, Backend::releases(self, app).await?.pop().unwrap_or(0)),
        };
        Ok(Some(Base {
            settings: settings.map(|(settings, _)| settings).unwrap_or_default(),
            head,
            rollout: rollout.map(|(rollout, stat)| (rollout, stat.version)),
            next: last + 1,
        }))
    }

    /// Makes the znodes that an app's records lie below.
    pub(super) async fn make(&self, app: &AppName) -> Result<(), Error> {
        let mode = CreateMode::Persistent;
        patiently(|| self.client.create_all(layout::CONFIG, mode)).await?;
        let settings = encode(&App::default());
        for (path, content) in [
            (layout::app(app), settings.as_slice()),
            (layout::releases(app), b""),
            (layout::applied(app), b""),
        ] {
            match patiently(|| self.client.create(&path, content.to_owned(), mode)).await {
                Err(error) if !error.is(ErrorCode::NodeExists) => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }
}
