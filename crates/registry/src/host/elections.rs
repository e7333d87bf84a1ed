//! Containers that stand for election because of their labels.
//!
//! Their places are znodes of the agent's own session, which is saved and resumed: the agent's
//! restart changes no leader, its death ends the leadership together with what says of it under
//! `/containers` and `/services`, and no session more is kept alive. Whatever else befalls a
//! container gives its place up at once, by deleting the znode.

mod campaign;
mod contender;
mod journal;
mod labels;
mod leftovers;
mod machine;
mod telling;
#[cfg(test)]
mod tests;

pub(super) use self::{
    contender::{Contender, Contenders, Fitness, Run, Statuses},
    labels::{Election, election},
};

use campaign::{Campaign, Orders};
use dockeeper_engine::{ContainerId, Engine};
use dockeeper_model::{ElectionStatus, NodeName};
use dockeeper_zk_client::{BootClock, Client};
use journal::Journal;
use leftovers::Leftover;
use std::{
    collections::{BTreeMap, btree_map},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::{sync::watch, task::JoinSet};

/// How many containers of a host stand at a time. Their znodes come beside those that the session's
/// room is measured by, and take up a sixth of it at most.
pub const CAMPAIGNS_MAX: usize = 128;

/// How long [`Handle::end`] takes at most: a container is just being told that it leads, and then
/// that it leads no longer.
pub const END_LIMIT: Duration = telling::TELL_LIMIT.saturating_mul(2);

/// What elections work with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The host.
    pub node: NodeName,
    /// The host's own name.
    pub hostname: String,
    /// The clients' chroot: hooks learn paths in the whole tree.
    pub chroot: String,
    /// The file that says who was told that it leads.
    pub journal: PathBuf,
    /// The wall clock, in milliseconds since 1970.
    pub now_ms: fn() -> i64,
    /// The client's clock.
    pub clock: Arc<dyn BootClock>,
}

/// How all campaigns are to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Leave the places to the session, for the next start to go on with.
    Leave,
    /// Give them up, and tell those who lead.
    Resign,
}

/// Has a host's containers stand for election.
pub struct Elections<E> {
    shared: Arc<Shared<E>>,
    contenders: watch::Receiver<Option<Contenders>>,
    session: watch::Receiver<Option<Client>>,
    ending: watch::Receiver<Option<Ending>>,
    campaigns: BTreeMap<Run, watch::Sender<Contender>>,
    tasks: JoinSet<Run>,
}

/// Tells elections what to work with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    session: watch::Sender<Option<Client>>,
    ending: watch::Sender<Option<Ending>>,
}

/// What the registrar and the elections tell each other.
#[derive(Clone, Debug)]
pub struct Link {
    /// `None` until everything that runs has been looked at once.
    pub(super) contenders: watch::Sender<Option<Contenders>>,
    pub(super) statuses: watch::Sender<Statuses>,
}

/// What all campaigns have in common.
struct Shared<E> {
    engine: Arc<E>,
    node: NodeName,
    hostname: String,
    chroot: String,
    now_ms: fn() -> i64,
    clock: Arc<dyn BootClock>,
    journal: Journal,
    statuses: watch::Sender<Statuses>,
}

// === impl Elections ===

impl<E: Engine> Elections<E> {
    /// Elections of the containers that the registrar with this link knows.
    pub fn new(config: Config, engine: Arc<E>, link: &Link) -> (Self, Handle) {
        let handle = Handle {
            session: watch::Sender::new(None),
            ending: watch::Sender::new(None),
        };
        let elections = Self {
            shared: Arc::new(Shared {
                engine,
                node: config.node,
                hostname: config.hostname,
                chroot: config.chroot,
                now_ms: config.now_ms,
                clock: config.clock,
                journal: Journal::open(&config.journal),
                statuses: link.statuses.clone(),
            }),
            contenders: link.contenders.subscribe(),
            session: handle.session.subscribe(),
            ending: handle.ending.subscribe(),
            campaigns: BTreeMap::new(),
            tasks: JoinSet::new(),
        };
        (elections, handle)
    }

    /// Runs until [`Handle::end`], or until nobody is left who could say anything to it.
    pub async fn run(mut self) {
        let mut ending = self.ending.clone();
        tokio::select! {
            () = self.begin() => {}
            _ = ending.wait_for(Option::is_some) => return,
        }
        loop {
            let is_ending = self.ending.borrow_and_update().is_some();
            if is_ending && self.tasks.is_empty() {
                return;
            }
            if !is_ending {
                self.compare();
            }
            tokio::select! {
                Ok(()) = self.contenders.changed() => {}
                Ok(()) = self.ending.changed() => {}
                Some(ended) = self.tasks.join_next() => match ended {
                    Ok(run) => drop(self.campaigns.remove(&run)),
                    Err(error) => tracing::error!(%error, "a campaign was lost"),
                },
                // The agent has ended without a word, as when it fails at its start.
                else => return,
            }
        }
    }

    /// Goes on with what an earlier process left, as soon as it is known what runs and there is a
    /// session.
    async fn begin(&mut self) {
        if self.contenders.wait_for(Option::is_some).await.is_err() {
            return;
        }
        let (client, mut leftovers) = loop {
            let client = match self.session.wait_for(Option::is_some).await {
                Ok(client) => client.clone(),
                Err(_) => return,
            };
            if let Some(client) = client
                && let Some(found) = leftovers::find(&client).await
            {
                break (client, found);
            }
            // That session is over, and the next one not there yet.
            if self.session.changed().await.is_err() {
                return;
            }
        };
        let contenders = self.contenders.borrow().clone().unwrap_or_default();
        self.shared.journal.keep(|run| contenders.contains_key(run));
        for (run, contender) in contenders {
            let leftover = self.take_leftover(&mut leftovers, run, &contender);
            self.start(run, contender, leftover.map(|leftover| (&client, leftover)));
        }
        for leftover in leftovers.into_values().flatten() {
            leftover.delete(&client);
        }
    }

    /// The place that a container goes on with: the one by which it was told that it leads, if it
    /// was told so.
    fn take_leftover(
        &self,
        leftovers: &mut BTreeMap<ContainerId, Vec<Leftover>>,
        run: Run,
        contender: &Contender,
    ) -> Option<Leftover> {
        let places = leftovers.get_mut(&run.id)?;
        let (_, office) = self.shared.journal.told(&run);
        let index = places.iter().position(|place| match &office {
            Some(office) => office.node == place.path(),
            None => place.election == contender.election.name.as_str(),
        })?;
        Some(places.swap_remove(index))
    }

    /// Has those stand that are meant to, and tells those that run what is new of them.
    fn compare(&mut self) {
        let contenders = self.contenders.borrow_and_update().clone();
        let contenders = contenders.unwrap_or_default();
        self.shared
            .forget(|run| !contenders.contains_key(run) && !self.campaigns.contains_key(run));
        for (run, campaign) in &self.campaigns {
            campaign.send_if_modified(|contender| {
                let is_news = match contenders.get(run) {
                    Some(now) => contender != now,
                    None => contender.fitness != Fitness::Gone,
                };
                if is_news {
                    let gone = || Contender {
                        fitness: Fitness::Gone,
                        ..contender.clone()
                    };
                    *contender = contenders.get(run).cloned().unwrap_or_else(gone);
                }
                is_news
            });
        }
        for (run, contender) in contenders {
            if !self.campaigns.contains_key(&run) {
                self.start(run, contender, None);
            }
        }
    }

    fn start(&mut self, run: Run, contender: Contender, leftover: Option<(&Client, Leftover)>) {
        if self.campaigns.len() >= CAMPAIGNS_MAX {
            let why = format!("{CAMPAIGNS_MAX} containers of this host stand already");
            let status = ElectionStatus::withheld(contender.election.name, why);
            self.shared.publish(run, status);
            return;
        }
        let (told, contender) = watch::channel(contender);
        let orders = Orders {
            contender,
            session: self.session.clone(),
            ending: self.ending.clone(),
        };
        self.campaigns.insert(run, told);
        let campaign = Campaign::new(self.shared.clone(), run, orders, leftover);
        self.tasks.spawn(campaign.run());
    }
}

// === impl Handle ===

impl Handle {
    /// The session to stand with; `None` when it is over.
    pub fn set_session(&self, client: Option<Client>) {
        self.session.send_replace(client);
    }

    /// Ends all campaigns. Returns when that is done, which takes no longer than the hooks that
    /// have to run.
    pub async fn end(&self, ending: Ending) {
        self.ending.send_replace(Some(ending));
        self.ending.closed().await;
    }
}

// === impl Link ===

impl Default for Link {
    fn default() -> Self {
        Self {
            contenders: watch::Sender::new(None),
            statuses: watch::Sender::new(Statuses::new()),
        }
    }
}

// === impl Shared ===

impl<E> Shared<E> {
    fn forget(&self, is_gone: impl Fn(&Run) -> bool) {
        self.statuses.send_if_modified(|statuses| {
            let before = statuses.len();
            statuses.retain(|run, _| !is_gone(run));
            statuses.len() != before
        });
    }

    fn publish(&self, run: Run, status: ElectionStatus) {
        self.statuses
            .send_if_modified(|statuses| match statuses.entry(run) {
                btree_map::Entry::Occupied(same) if *same.get() == status => false,
                entry => {
                    entry.insert_entry(status);
                    true
                }
            });
    }
}
