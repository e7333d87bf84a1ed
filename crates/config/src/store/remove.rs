//! Removes an app with all of its releases.

use super::{Error, ROUNDS_MAX, Store, retry::pause};
use dockeeper_model::{
    config::{AppName, Head, Rollout},
    layout,
};
use dockeeper_zk_client::{ErrorCode, Multi, path};

/// How many znodes one transaction removes: a few KiB.
const BATCH_MAX: usize = 100;

/// Whether an app is removed that containers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is refused.
    Careful,
    /// They keep what they run, and get nothing new.
    Forced,
}

// === impl Store ===

impl Store {
    /// Removes an app: its head first, so that it has no configuration from then on, and then all of
    /// its releases. Removed again, it goes on where it was interrupted.
    ///
    /// # Errors
    ///
    /// [`Error::NoApp`], [`Error::InUse`], [`Error::Contended`], [`Error::ZooKeeper`].
    pub async fn remove(&self, app: &AppName, removal: Removal) -> Result<(), Error> {
        let root = layout::app(app);
        if self.get(&root).await?.is_none() {
            return Err(Error::NoApp(app.clone()));
        }
        if removal == Removal::Careful {
            self.ensure_idle(app).await?;
        }
        for round in 1..=ROUNDS_MAX {
            if self.behead(app).await? && self.clear(&root).await? {
                return Ok(());
            }
            pause(round).await;
        }
        Err(Error::Contended {
            app: app.clone(),
            rounds: ROUNDS_MAX,
        })
    }

    async fn ensure_idle(&self, app: &AppName) -> Result<(), Error> {
        let applied = self.applied(app).await?;
        let containers = applied.iter().flat_map(|(node, applied)| {
            let acks = applied.containers.values();
            acks.map(move |ack| format!("{node}/{}", ack.name))
        });
        let containers: Vec<_> = containers.collect();
        match containers.is_empty() {
            true => Ok(()),
            false => Err(Error::InUse {
                app: app.clone(),
                containers,
            }),
        }
    }

    /// Removes the head and the rollout; whether it could, or somebody changed them meanwhile.
    async fn behead(&self, app: &AppName) -> Result<bool, Error> {
        let (head, rollout) = (layout::head(app), layout::rollout(app));
        let mut multi = Multi::new();
        if let Some((_, stat)) = self.record::<Head>(&head).await? {
            multi = multi.delete(&head, Some(stat.version));
        }
        if let Some((_, stat)) = self.record::<Rollout>(&rollout).await? {
            multi = multi.delete(&rollout, Some(stat.version));
        }
        match multi.is_empty() {
            true => Ok(true),
            false => self.carry_out(multi).await,
        }
    }

    /// Removes an app's znode and what lies below it; whether it could, or somebody changed it
    /// meanwhile.
    async fn clear(&self, root: &str) -> Result<bool, Error> {
        let mut paths = Vec::new();
        for name in self.list(root).await? {
            let folder = path::join(root, &name);
            let names = self.list(&folder).await?;
            paths.extend(names.iter().map(|name| path::join(&folder, name)));
            paths.push(folder);
        }
        paths.push(root.to_owned());
        for batch in paths.chunks(BATCH_MAX) {
            let multi = batch
                .iter()
                .fold(Multi::new(), |multi, path| multi.delete(path, None));
            if !self.carry_out(multi).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn carry_out(&self, multi: Multi) -> Result<bool, Error> {
        // What was removed by a try whose answer is lost is looked for again.
        match self.write_all_patiently(multi).await {
            Ok(_) => Ok(true),
            Err(Error::ZooKeeper(error)) => match error.code() {
                Some(ErrorCode::BadVersion | ErrorCode::NoNode | ErrorCode::NotEmpty) => Ok(false),
                _ => Err(error.into()),
            },
            Err(error) => Err(error),
        }
    }
}
