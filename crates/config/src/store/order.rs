//! Gives a person's orders to a rollout.

use super::{
    Error, ROUNDS_MAX, Store,
    retry::{patiently, pause},
};
use crate::rollout::{self, Order};
use dockeeper_model::{
    config::{AppName, Rollout},
    encode, layout,
};
use dockeeper_zk_client::ErrorCode;

// === impl Store ===

impl Store {
    /// Has a rollout do what `by` wants, and gives what it is then. When somebody else changes it at
    /// the same time, the order is given again to what it has become.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] where the order makes no sense, [`Error::NoApp`], [`Error::Contended`],
    /// [`Error::ZooKeeper`], [`Error::Foreign`].
    pub async fn order(
        &self,
        app: &AppName,
        order: Order,
        by: &str,
        now_ms: i64,
    ) -> Result<Rollout, Error> {
        let path = layout::rollout(app);
        patiently(|| self.client.sync(&path)).await?;
        for round in 1..=ROUNDS_MAX {
            let found = self.record::<Rollout>(&path).await?;
            let (rollout, stat) = found.ok_or_else(|| Error::NoApp(app.clone()))?;
            let next = rollout::order(&rollout, order, by, now_ms)?;
            let version = Some(stat.version);
            match self.client.set(&path, encode(&next), version).await {
                Ok(_) => return Ok(next),
                Err(error) => match error.code() {
                    Some(ErrorCode::BadVersion | ErrorCode::NoNode) => pause(round).await,
                    _ => return Err(error.into()),
                },
            }
        }
        Err(Error::Contended {
            app: app.clone(),
            rounds: ROUNDS_MAX,
        })
    }
}
