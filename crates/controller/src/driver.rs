//! Drives an app's rollout: reads, has the machine of
//! [`rollout`](dockeeper_config::rollout) decide, writes.

use crate::{
    apps::{Deposed, RETRY_PAUSE},
    controller::Shared,
    fence::Fence,
    following::Following,
    labels::Labels,
    publisher::{PublishError, Publisher, Rollback},
};
use dockeeper_config::rollout::{Action, Outcome, View, rollback_failed, step};
use dockeeper_model::{
    config::{AppName, Rollout},
    decode, encode, layout,
};
use dockeeper_registry::trouble::Trouble;
use dockeeper_zk_client::{Client, Error, ErrorCode, Multi, OneShot};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, sleep_until, timeout},
};

/// How long a way back may take to be published.
const PUBLISH_LIMIT: Duration = Duration::from_secs(60);

/// Drives one app's rollouts, one after the other.
pub(crate) struct Driver<P> {
    shared: Arc<Shared<P>>,
    client: Client,
    fence: Fence,
    app: AppName,
    path: String,
    began: Instant,
    /// While a rollout is under way.
    following: Option<Following>,
    labels: Labels,
}

/// A rollout as it lies in ZooKeeper.
struct Found {
    /// `None` where there is none that can be read.
    rollout: Option<(Rollout, i32)>,
    changed: OneShot,
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("another agent controls the cluster by now")]
    Deposed,
    #[error(transparent)]
    ZooKeeper(#[from] Error),
    #[error(transparent)]
    Labels(#[from] dockeeper_registry::cluster::Error),
    #[error("cannot go back: {0}")]
    Rollback(String),
}

// === impl Driver ===

impl<P: Publisher> Driver<P> {
    /// A driver in a term that began at `began`.
    pub(crate) fn new(
        shared: Arc<Shared<P>>,
        client: Client,
        fence: Fence,
        app: AppName,
        began: Instant,
    ) -> Self {
        Self {
            shared,
            client,
            fence,
            path: layout::rollout(&app),
            app,
            began,
            following: None,
            labels: Labels::default(),
        }
    }

    /// Drives until somebody else leads. While a rollout is under way it takes one of the `places`.
    pub(crate) async fn run(mut self, places: Arc<Semaphore>) -> Deposed {
        let mut trouble = Trouble::default();
        loop {
            match self.turn(&places).await {
                Ok(()) => drop(trouble.ends(Instant::now())),
                Err(Failed::Deposed) => return Deposed,
                Err(error) => {
                    if trouble.occurs(Instant::now()).is_some() {
                        tracing::warn!(app = %self.app, %error, "a rollout is held up; trying again");
                    }
                    sleep(RETRY_PAUSE).await;
                }
            }
        }
    }

    /// Reads the rollout, and does what is to be done until it has changed, or it is time to
    /// compare.
    async fn turn(&mut self, places: &Semaphore) -> Result<(), Failed> {
        let found = self.read().await?;
        match found.rollout {
            Some((rollout, version)) if !rollout.phase.is_over() => {
                let _place = places.acquire().await;
                self.drive(&rollout, version, found.changed).await
            }
            _ => {
                self.following = None;
                self.labels = Labels::default();
                let compare_interval = self.shared.config.compare_interval;
                drop(timeout(compare_interval, found.changed.fired()).await);
                Ok(())
            }
        }
    }

    async fn read(&self) -> Result<Found, Failed> {
        loop {
            match self.client.get_and_watch(&self.path).await {
                Ok((content, stat, changed)) => {
                    let rollout = decode::<Rollout>(&content).inspect_err(|error| {
                        tracing::warn!(path = self.path, %error, "not a rollout; left alone");
                    });
                    return Ok(Found {
                        rollout: rollout.ok().map(|rollout| (rollout, stat.version)),
                        changed,
                    });
                }
                Err(error) if error.is(ErrorCode::NoNode) => {}
                Err(error) => return Err(error.into()),
            }
            let (found, changed) = self.client.exists_and_watch(&self.path).await?;
            if found.is_none() {
                return Ok(Found {
                    rollout: None,
                    changed,
                });
            }
        }
    }

    /// Drives a rollout up to the next write.
    async fn drive(
        &mut self,
        rollout: &Rollout,
        version: i32,
        changed: OneShot,
    ) -> Result<(), Failed> {
        let mut changed = pin!(changed.fired());
        let following = match &mut self.following {
            Some(following) => following,
            none => none.insert(Following::start(&self.client, &self.app, self.began)),
        };
        let config = &self.shared.config;
        let compare_at = Instant::now() + config.compare_interval;
        let outcome = loop {
            tokio::select! {
                () = following.current() => {}
                _ = &mut changed => return Ok(()),
            }
            let mut members = following.members();
            if rollout.policy.asks_for_labels() {
                self.labels.add(&self.client, &mut members).await?;
            }
            let (now, now_ms) = (Instant::now(), (config.now_ms)());
            let settles_at = following.settles_at(config.settle);
            let view = View {
                members: &members,
                is_settled: settles_at <= now,
            };
            let outcome = step(rollout, &view, now_ms);
            if outcome.next.is_some() || outcome.action.is_some() {
                break outcome;
            }
            let wake_at = wake_at(&outcome, now, now_ms).unwrap_or(compare_at);
            let settling = if view.is_settled {
                compare_at
            } else {
                settles_at
            };
            tokio::select! {
                () = following.changed() => {}
                () = sleep_until(wake_at.min(settling).min(compare_at)) => {}
                _ = &mut changed => return Ok(()),
            }
            if Instant::now() >= compare_at {
                self.labels.look_again();
                return Ok(());
            }
        };
        if let Some(next) = &outcome.next {
            self.write(next, version).await?;
        } else if let Some(Action::Rollback { to }) = outcome.action {
            self.roll_back(rollout, version, to).await?;
        }
        Ok(())
    }

    /// Writes what comes next. When somebody else was first there is something else to look at.
    async fn write(&self, next: &Rollout, version: i32) -> Result<(), Failed> {
        let write = Multi::new().set(&self.path, encode(next), Some(version));
        match self.client.multi(self.fence.guard(write)).await {
            Ok(_) => {
                let Rollout { release, phase, .. } = next;
                tracing::info!(app = %self.app, release, ?phase, why = next.reason, "rollout");
                Ok(())
            }
            Err(error) if self.fence.has_fallen(&error) => Err(Failed::Deposed),
            Err(error) if error.is(ErrorCode::BadVersion) || error.is(ErrorCode::NoNode) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn roll_back(&self, failed: &Rollout, version: i32, to: u64) -> Result<(), Failed> {
        let rollback = Rollback {
            app: &self.app,
            to,
            failed,
            version,
        };
        let publishing = self
            .shared
            .publisher
            .roll_back(&self.client, self.fence, rollback);
        match timeout(PUBLISH_LIMIT, publishing).await {
            Ok(Ok(release)) => {
                let (app, from) = (&self.app, failed.release);
                tracing::warn!(%app, release, from, to, why = failed.reason, "rolled back");
                Ok(())
            }
            Ok(Err(PublishError::Superseded)) => Ok(()),
            Ok(Err(PublishError::Deposed)) => Err(Failed::Deposed),
            Ok(Err(PublishError::Passing(why))) => Err(Failed::Rollback(why)),
            Ok(Err(PublishError::Final(why))) => {
                let (app, release) = (&self.app, failed.release);
                tracing::error!(%app, release, to, why, "cannot roll back; a person has to help");
                let next = rollback_failed(failed, &why, (self.shared.config.now_ms)());
                self.write(&next, version).await
            }
            Err(_) => Err(Failed::Rollback(format!("not within {PUBLISH_LIMIT:?}"))),
        }
    }
}

/// When the machine wants to look again, on the clock that timers have.
fn wake_at(outcome: &Outcome, now: Instant, now_ms: i64) -> Option<Instant> {
    let in_ms = outcome.wake_ms?.saturating_sub(now_ms);
    let wait = Duration::from_millis(u64::try_from(in_ms).unwrap_or(0));
    now.checked_add(wait)
}
