//! What a container's [`Subscriber`](crate::host::subscriber::Subscriber) asks for, carried out.

use super::{
    super::{
        acting::{Change, act, check},
        judging::judge,
        laying::stage,
        rendering::Outcome,
    },
    Task,
};
use crate::{
    bundle::Bundle,
    host::{
        feed::{FeedError, Known},
        subscriber::Trouble,
        volume::Staged,
    },
    labels::{OnChange, Wishes},
    render::Rendered,
};
use dockeeper_engine::Engine;
use futures_util::{FutureExt, future::BoxFuture};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long the content of a release may take to arrive: the largest, over a slow line.
const FETCH_LIMIT: Duration = Duration::from_secs(60);

/// Why a container is not recreated.
const NO_RECREATE: &str = "on-change is recreate, but only a container that Dockeeper placed can be \
                           recreated; use restart, or recreate it yourself";

/// What an effect came to.
pub(super) enum Done {
    Fetched(u64, Result<Arc<Bundle>, Trouble>),
    Prepared(u64, Box<Outcome>),
    Checked(Result<Staged, String>),
    Swapped(Result<(), String>),
    Acted(Result<(), String>),
    Judged(Result<(), String>),
}

// === impl Task ===

impl<E: Engine> Task<E> {
    /// What the container wants. The error says what is wrong with that.
    pub(super) fn wishes(&self) -> Result<Wishes, String> {
        let member = self.member.borrow();
        let wishes = member.labels.wishes(&self.slot.app)?;
        match wishes.on_change {
            OnChange::Recreate => Err(NO_RECREATE.to_owned()),
            _ => Ok(wishes),
        }
    }

    pub(super) fn fetch(&mut self, release: u64) -> BoxFuture<'static, Done> {
        let (feed, slot, abandoned) = (self.feed.clone(), self.slot.clone(), self.staged.take());
        let wishes = self.wishes();
        let work = async move {
            if let Some(staged) = abandoned {
                let discarded = slot.with(|mount| mount.discard(staged));
                discarded
                    .await
                    .map_err(|error| Trouble::Lasting(error.to_string()))?;
            }
            wishes.map_err(Trouble::Lasting)?;
            match timeout(FETCH_LIMIT, feed.bundle(release)).await {
                Ok(Ok(bundle)) => Ok(bundle),
                Ok(Err(FeedError::Passing(why))) => Err(Trouble::Passing(why)),
                Ok(Err(FeedError::Lasting(why))) => Err(Trouble::Lasting(why)),
                Err(_) => Err(Trouble::Passing(format!(
                    "release {release} did not arrive within {FETCH_LIMIT:?}"
                ))),
            }
        };
        work.map(move |fetched| Done::Fetched(release, fetched))
            .boxed()
    }

    pub(super) fn render(&self, release: u64, bundle: Arc<Bundle>) -> BoxFuture<'static, Done> {
        let (hub, app, asked) = (self.hub.clone(), self.slot.app.clone(), self.asked.clone());
        let container = self.facts.clone();
        async move {
            let renderings = &hub.renderings;
            let render =
                renderings.render(&hub.surroundings, &app, &bundle, Some(container), asked);
            Done::Prepared(release, Box::new(render.await))
        }
        .boxed()
    }

    fn change(&self) -> Option<(Change, Arc<Rendered>)> {
        let (release, rendered) = self.rendered.clone()?;
        let change = Change {
            app: self.slot.app.clone(),
            release,
            digest: rendered.digest,
            member: self.member.borrow().clone(),
            destination: self.destination.to_string_lossy().into_owned(),
        };
        Some((change, rendered))
    }

    pub(super) fn check(&self) -> BoxFuture<'static, Done> {
        let (hub, slot, wishes) = (self.hub.clone(), self.slot.clone(), self.wishes());
        let change = self.change();
        let work = async move {
            let (change, rendered) = change.ok_or("nothing is rendered")?;
            let wishes = wishes?;
            let release = change.release;
            let staged = slot.with(move |mount| stage(mount, release, &rendered));
            let staged = staged.await.map_err(|error| error.to_string())?;
            match check(&*hub.engine, &wishes, &change, &staged).await {
                Ok(()) => Ok(staged),
                Err(why) => {
                    if let Err(error) = slot.with(|mount| mount.discard(staged)).await {
                        tracing::debug!(%error, "left a release that was found bad");
                    }
                    Err(why)
                }
            }
        };
        work.map(Done::Checked).boxed()
    }

    pub(super) fn swap(&mut self) -> BoxFuture<'static, Done> {
        let (slot, staged, now_ms) = (self.slot.clone(), self.staged.take(), self.hub.now_ms());
        let work = async move {
            let staged = staged.ok_or("nothing is staged")?;
            let swapped = slot.with(move |mount| {
                // Whatever ends the agent from here on, the container is told.
                let mut notes = mount.notes().clone();
                notes.told = None;
                mount.note(notes)?;
                mount.swap(staged, now_ms)
            });
            swapped.await.map_err(|error| error.to_string())
        };
        work.map(Done::Swapped).boxed()
    }

    pub(super) fn act(&mut self) -> BoxFuture<'static, Done> {
        let (hub, slot, wishes) = (self.hub.clone(), self.slot.clone(), self.wishes());
        let change = self.change();
        self.is_restarted = matches!(&wishes, Ok(wishes) if wishes.on_change == OnChange::Restart);
        let work = async move {
            let (change, _) = change.ok_or("nothing is rendered")?;
            let wishes = wishes?;
            act(&hub, &wishes, &change).await?;
            if wishes.on_change == OnChange::Restart {
                // It has another mount now.
                return Ok(());
            }
            let digest = change.digest;
            let noted = slot.note(move |notes| notes.told = Some(digest));
            noted.await.map_err(|error| error.to_string())
        };
        work.map(Done::Acted).boxed()
    }

    pub(super) fn judge(&self) -> BoxFuture<'static, Done> {
        let (hub, id) = (self.hub.clone(), self.member.borrow().container.id);
        let gate = self.gate();
        let change = self.change().map(|(change, _)| change);
        async move {
            let judged = match change {
                Some(change) => judge(&*hub.engine, id, &change, gate.as_deref()).await,
                None => Err("nothing is rendered".to_owned()),
            };
            Done::Judged(judged)
        }
        .boxed()
    }

    /// The command that the rollout has judge the release.
    fn gate(&self) -> Option<String> {
        let Known::Known { rollout, .. } = self.rollout.borrow().clone() else {
            return None;
        };
        let target = self.machine.ack().map(|ack| ack.target);
        let gate = rollout.policy.gate.clone();
        gate.filter(|_| target == Some(rollout.release))
    }
}
