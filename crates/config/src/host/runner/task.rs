//! Brings one container's files of one app to the releases that it is to run: the I/O around its
//! [`Subscriber`].

mod effects;

use self::effects::Done;
use super::{
    board::Place, choice::release_for, hub::Hub, member::Member, rendering::Outcome, slot::Slot,
};
use crate::{
    host::{
        feed::{Feed, Known},
        subscriber::{Effect, Input, Seen, Subscriber},
        surroundings::Following,
        volume::{Error, KEEP_FOR, Staged},
    },
    labels::OnChange,
    render::Rendered,
    template::{self, Asked},
};
use dockeeper_engine::Engine;
use dockeeper_model::config::Step;
use futures_util::future::BoxFuture;
use std::{future::pending, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

/// Brings one container's files of one app to the releases that it is to run.
pub(super) struct Task<E> {
    hub: Arc<Hub<E>>,
    slot: Arc<Slot>,
    place: Place,
    /// What templates see of the container.
    facts: template::Container,
    /// Where the container has the volume.
    destination: PathBuf,
    member: watch::Receiver<Member>,
    feed: Feed,
    rollout: watch::Receiver<Known>,
    machine: Subscriber,
    /// What the container counts as running when it is asked what it is to run.
    runs: Option<u64>,
    /// The rollout that was heeded last, by its release and its beginning: an app that was removed
    /// and made again may have another release of the same number.
    heeded: Option<(u64, i64)>,
    doing: Option<BoxFuture<'static, Done>>,
    rendered: Option<(u64, Arc<Rendered>)>,
    staged: Option<Staged>,
    asked: Asked,
    following: Option<Following>,
    /// Whether this has the container restarted: its end is no end then.
    is_restarted: bool,
    prune_at: Option<Instant>,
}

// === impl Task ===

impl<E: Engine> Task<E> {
    pub(super) async fn new(
        hub: Arc<Hub<E>>,
        slot: Arc<Slot>,
        place: Place,
        destination: PathBuf,
        member: watch::Receiver<Member>,
    ) -> Result<Self, Error> {
        // Who lays the first release down is done with it, or leaves it to this.
        let filled = slot.filling().lock().await;
        drop(filled);
        let (container, facts) = {
            let member = member.borrow();
            (member.container.clone(), member.facts())
        };
        let (notes, current) = (slot.notes(), slot.current());
        let runs = match notes.container {
            Some(_) => current.map(|current| current.release),
            None => hub.restarted_from(&container.id, &slot.app),
        };
        let id = container.id.to_string();
        slot.note(move |notes| notes.container = Some(id)).await?;
        let seen = current.map(|current| Seen {
            release: current.release,
            digest: current.digest,
        });
        let owes = seen.is_some_and(|seen| notes.told != Some(seen.digest));
        let machine = Subscriber::new(container.name.clone(), seen, owes, hub.now_ms());
        let feed = hub.feeds.follow(&slot.app);
        Ok(Self {
            facts,
            place,
            rollout: feed.rollout(),
            hub,
            slot,
            destination,
            member,
            feed,
            machine,
            runs,
            heeded: None,
            doing: None,
            rendered: None,
            staged: None,
            asked: Asked::default(),
            following: None,
            is_restarted: false,
            prune_at: None,
        })
    }

    /// Works until the container has ended.
    pub(super) async fn run(mut self) {
        self.rollout_changed();
        loop {
            self.publish();
            if self.is_over() {
                break;
            }
            let tick_in = self.tick_in();
            tokio::select! {
                Ok(()) = self.rollout.changed() => self.rollout_changed(),
                Ok(()) = self.member.changed() => self.member_changed(),
                done = finished(&mut self.doing) => self.finish(done),
                () = changed(&mut self.following) => self.handle(Input::Outdated),
                () = paused(tick_in) => self.handle(Input::Tick),
                () = pruned(self.prune_at) => self.prune().await,
            }
        }
        self.end();
    }

    /// A container that ended is done with, unless it was this that has it restarted, and it is not
    /// known yet what that came to.
    fn is_over(&self) -> bool {
        self.has_ended() && !(self.is_restarted && self.doing.is_some())
    }

    fn has_ended(&self) -> bool {
        self.member.borrow().end.is_some()
    }

    /// Says for a while longer how a container failed that ended before it was judged.
    fn end(mut self) {
        let id = self.member.borrow().container.id;
        let end = self.member.borrow().end.clone();
        let ack = self.machine.ack();
        let is_silent = self
            .wishes()
            .is_ok_and(|wishes| wishes.on_change == OnChange::None);
        let mut lingers = self.hub.is_restarting(&id);
        if let (Some(mut ack), Some(end)) = (ack, end) {
            let is_told = matches!(ack.step, Step::Swapped | Step::Acted);
            let is_failure = !is_silent || end.exit_code != Some(0);
            if is_told && end.is_by_itself && is_failure && !self.is_restarted {
                let code = end.exit_code.unwrap_or_default();
                ack.reason = format!("it ended by itself after the change, with exit code {code}");
                ack.step = Step::Failed;
                ack.since_ms = self.hub.now_ms();
                self.hub.board.say(&self.place, ack.clone());
            }
            lingers |= ack.step == Step::Failed;
        }
        self.doing = None;
        self.hub.board.drop(&self.place, lingers);
    }

    fn rollout_changed(&mut self) {
        if self.has_ended() {
            return;
        }
        let Known::Known { rollout, .. } = self.rollout.borrow_and_update().clone() else {
            return;
        };
        let (_, container, _) = &self.place;
        let release = release_for(&rollout, container, self.runs);
        let now = (rollout.release, rollout.started_ms);
        let heeded = self.heeded.replace(now);
        let is_another_life = heeded.is_some_and(|heeded| heeded.0 == now.0 && heeded != now);
        self.handle(Input::Wanted(release));
        if is_another_life {
            self.handle(Input::Outdated);
        }
    }

    fn member_changed(&mut self) {
        let (facts, health) = {
            let member = self.member.borrow_and_update();
            (member.facts(), member.health())
        };
        if self.facts != facts {
            self.facts = facts;
            if !self.asked.container.is_empty() {
                self.handle(Input::Outdated);
            }
        }
        if let Some(health) = health {
            self.handle(Input::Health(health));
        }
    }

    fn handle(&mut self, input: Input) {
        if let Some(effect) = self.machine.handle(self.hub.now_ms(), input) {
            self.begin(effect);
        }
    }

    fn begin(&mut self, effect: Effect) {
        if self.has_ended() && effect != Effect::Judge {
            // The mount is gone: another one is looked after by another task.
            return;
        }
        let work = match effect {
            Effect::Prepare(release) => self.fetch(release),
            Effect::Check => self.check(),
            Effect::Swap => self.swap(),
            Effect::Act => self.act(),
            Effect::Judge => self.judge(),
        };
        self.doing = Some(work);
    }

    fn finish(&mut self, done: Done) {
        self.doing = None;
        match done {
            Done::Fetched(release, Ok(bundle)) => {
                self.handle(Input::Fetched);
                self.doing = Some(self.render(release, bundle));
            }
            Done::Fetched(_, Err(trouble)) => self.handle(Input::Prepared(Err(trouble))),
            Done::Prepared(release, outcome) => self.prepared(release, *outcome),
            Done::Checked(Ok(staged)) => {
                self.staged = Some(staged);
                self.handle(Input::Checked(Ok(())));
            }
            Done::Checked(Err(why)) => self.handle(Input::Checked(Err(why))),
            Done::Swapped(result) => {
                if result.is_ok() {
                    self.prune_at = Some(Instant::now() + KEEP_FOR);
                    self.hub.changed();
                }
                self.handle(Input::Swapped(result));
                self.settle();
            }
            Done::Acted(result) => self.handle(Input::Acted(result)),
            Done::Judged(result) => self.handle(Input::Judged(result)),
        }
    }

    fn prepared(&mut self, release: u64, outcome: Outcome) {
        self.asked = outcome.asked;
        self.following = Some(outcome.following);
        let digest = outcome.result.map(|rendered| {
            let digest = rendered.digest;
            self.rendered = Some((release, rendered));
            digest
        });
        self.handle(Input::Prepared(digest));
        self.settle();
    }

    /// What the container sees is what it runs from now on.
    fn settle(&mut self) {
        if let Some(seen) = self.machine.seen() {
            self.runs = Some(seen.release);
        }
    }

    async fn prune(&mut self) {
        self.prune_at = None;
        let now_ms = self.hub.now_ms();
        if let Err(error) = self.slot.with(move |mount| mount.prune(now_ms)).await {
            tracing::debug!(%error, "cannot remove earlier releases from a volume");
        }
    }

    fn publish(&self) {
        if let Some(mut ack) = self.machine.ack() {
            // It may have been renamed.
            ack.name.clone_from(&self.facts.name);
            self.hub.board.say(&self.place, ack);
        }
    }

    fn tick_in(&self) -> Option<Duration> {
        let left_ms = self
            .machine
            .deadline_ms()?
            .saturating_sub(self.hub.now_ms());
        Some(Duration::from_millis(left_ms.try_into().unwrap_or(0)))
    }
}

async fn finished(doing: &mut Option<BoxFuture<'static, Done>>) -> Done {
    match doing {
        Some(doing) => doing.await,
        None => pending().await,
    }
}

async fn changed(following: &mut Option<Following>) {
    match following {
        Some(following) => following.changed().await,
        None => pending().await,
    }
}

async fn paused(pause: Option<Duration>) {
    match pause {
        Some(pause) => sleep(pause).await,
        None => pending().await,
    }
}

async fn pruned(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}
