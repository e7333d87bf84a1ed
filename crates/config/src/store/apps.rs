//! Which apps there are, and their settings.

use super::{Error, Store, TRANSFERS_MAX, backend::Backend};
use dockeeper_model::{
    config::{App, AppName, Release, Rollout},
    encode, layout,
};
use dockeeper_zk_client::ErrorCode;
use futures_util::{StreamExt, stream};
use tokio::try_join;

/// How many releases can be kept by their number. One that carries its content takes up to 90 KiB of
/// each server's memory.
pub(super) const KEPT_MAX: u32 = 1000;

/// An app in a list.
#[derive(Debug)]
pub struct Summary {
    /// Its name.
    pub app: AppName,
    /// What there is of it, or why that cannot be told.
    pub state: Result<State, Error>,
}

/// What there is of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Its newest release; `None` when it has only settings.
    pub head: Option<Release>,
    /// How far that has come.
    pub rollout: Option<Rollout>,
}

// === impl Store ===

impl Store {
    /// All apps, in order.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`]. What is wrong with one app is in its [`Summary`].
    pub async fn apps(&self) -> Result<Vec<Summary>, Error> {
        let apps = Backend::apps(self).await?;
        let reads = apps.into_iter().map(|app| async move {
            let state = try_join!(self.head(&app), self.rollout(&app));
            let state = state.map(|(head, rollout)| State { head, rollout });
            Summary { app, state }
        });
        Ok(stream::iter(Vec::from_iter(reads))
            .buffered(TRANSFERS_MAX)
            .collect()
            .await)
    }

    /// An app's settings, and their version for [`set_app`](Self::set_app); `None` when there is no
    /// such app.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`], [`Error::Foreign`].
    pub async fn app(&self, app: &AppName) -> Result<Option<(App, i32)>, Error> {
        self.settings(app).await
    }

    /// Changes an app's settings, if they have this version; without one, the app is made if it is
    /// not there. They hold from the next release on.
    ///
    /// # Errors
    ///
    /// [`Error::SettingsChanged`], [`Error::Retention`], [`Error::ZooKeeper`].
    pub async fn set_app(
        &self,
        app: &AppName,
        settings: &App,
        version: Option<i32>,
    ) -> Result<(), Error> {
        if settings.retention.releases > KEPT_MAX {
            return Err(Error::Retention(app.clone()));
        }
        if version.is_none() {
            self.make(app).await?;
        }
        let set = self
            .client
            .set(&layout::app(app), encode(settings), version)
            .await;
        match set {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.code() {
                Some(ErrorCode::BadVersion | ErrorCode::NoNode) => {
                    Error::SettingsChanged(app.clone())
                }
                _ => error.into(),
            }),
        }
    }
}
