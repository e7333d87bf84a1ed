//! The I/O around the reconciler.

mod io;
mod marks;
mod overflow;
mod vacancies;

use super::{
    elections,
    inventory::Ask,
    ledger::{Outcome, Write},
    reconciler::Reconciler,
    reports::Reports,
    settings::Settings,
    stopping::Now,
    watched::Watched,
    writer::Writer,
};
use crate::trouble::Trouble;
use dockeeper_engine::{
    Engine,
    watch::{Change, Changes},
};
use dockeeper_health as health;
use dockeeper_recipes::Tree;
use dockeeper_zk_client::{Client, State};
use futures_util::StreamExt;
use io::{Answer, ask};
use overflow::Overflow;
use std::{collections::BTreeSet, net::IpAddr, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{self, Instant, MissedTickBehavior},
};
use vacancies::Vacancies;

/// How soon Docker is read again when it did not answer a question.
pub(super) const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// How many questions to Docker are on their way. The engine answers a handful at once; more
/// would only make the urgent ones wait.
const ASKS_MAX: usize = 8;

/// How many of them may be for the comparison's sake.
const IDLE_ASKS_MAX: usize = 2;

/// How many writes are on their way. Above what one host's containers cause at once.
const WRITES_MAX: usize = 256;

/// How many of them may be looks for the comparison's sake.
const IDLE_WRITES_MAX: usize = 8;

/// What a registrar works with.
#[derive(Debug)]
pub struct Config {
    /// How containers are registered.
    pub settings: Settings,
    /// The clients' chroot, which counts in the length of paths.
    pub chroot: String,
    /// How often everything is compared, whatever events said.
    pub compare_interval: Duration,
    /// The wall clock, in milliseconds since 1970.
    pub now_ms: fn() -> i64,
}

/// Keeps a host's containers registered.
pub struct Registrar<E> {
    config: Config,
    engine: Arc<E>,
    changes: Changes,
    checks: health::Handle,
    reports: Reports,
    verdicts: mpsc::Receiver<health::Change>,
    maintenance: Tree,
    reconciler: Reconciler,
    asks: JoinSet<Answer>,
    retry_at: Option<Instant>,
    over_limit: watch::Sender<usize>,
    address: watch::Sender<IpAddr>,
    elections: elections::Link,
    overflow: Overflow,
    /// Docker does not answer.
    trouble: Trouble,
    /// The marks that cannot be read, and were reported.
    foreign_marks: BTreeSet<String>,
}

/// One session's part of the work.
struct Session {
    writer: Writer,
    state: watch::Receiver<State>,
    /// The connection on which the session's znodes were listed last.
    verified: u64,
    writes: JoinSet<(String, Outcome)>,
    vacancies: Vacancies,
    /// Forgets the marks of removed containers.
    forgetting: JoinSet<()>,
    listings: JoinSet<Option<Vec<String>>>,
}

// === impl Registrar ===

impl<E: Engine> Registrar<E> {
    /// A registrar over an engine, its watched events, a health monitor and the mirror of what is
    /// out of service.
    pub fn new(
        config: Config,
        engine: Arc<E>,
        changes: Changes,
        checks: health::Handle,
        verdicts: mpsc::Receiver<health::Change>,
        maintenance: Tree,
    ) -> Self {
        Self {
            reconciler: Reconciler::new(config.settings.clone(), &config.chroot),
            address: watch::Sender::new(config.settings.address),
            config,
            engine,
            changes,
            reports: Reports::new(checks.clone()),
            checks,
            verdicts,
            maintenance,
            asks: JoinSet::new(),
            retry_at: None,
            over_limit: watch::Sender::new(0),
            elections: elections::Link::default(),
            overflow: Overflow::default(),
            trouble: Trouble::default(),
            foreign_marks: BTreeSet::new(),
        }
    }

    /// How many znodes are not registered because the session has no room for them.
    pub fn over_limit(&self) -> watch::Receiver<usize> {
        self.over_limit.subscribe()
    }

    /// Where the host's published ports are reached, as in the settings at first. Another address
    /// that is sent here is advertised from then on.
    pub fn address(&self) -> watch::Sender<IpAddr> {
        self.address.clone()
    }

    /// What joins this to the elections of the same containers.
    pub fn elections(&self) -> &elections::Link {
        &self.elections
    }

    /// Takes what services report about themselves.
    pub fn reports(&self) -> Reports {
        self.reports.clone()
    }

    /// Works with a session until it is over. Safe to cancel, and to be called again with the next
    /// session: what is known of Docker stays.
    pub async fn run(&mut self, client: &Client) {
        self.reconciler.session_over();
        let mut session = Session {
            writer: Writer {
                client: client.clone(),
                node: self.config.settings.node.clone(),
            },
            state: client.state(),
            verified: 0,
            writes: JoinSet::new(),
            vacancies: Vacancies::default(),
            forgetting: JoinSet::new(),
            listings: JoinSet::new(),
        };
        // A later session of this process is new and has nothing to adopt.
        if self.reconciler.is_complete() || self.adopt(&mut session).await {
            self.serve(&mut session).await;
        }
    }

    /// Reads what the session has registered already, and what is out of service, before anything
    /// is written: an earlier process of the agent may have left the session. False when it is
    /// over.
    async fn adopt(&mut self, session: &mut Session) -> bool {
        let mut state = session.state.clone();
        tokio::select! {
            () = self.maintenance.current() => {}
            _ = state.wait_for(|state| matches!(state, State::Ended(_))) => return false,
        }
        self.read_maintenance();
        let Some(paths) = io::list_own(session.writer.client.clone()).await else {
            return false;
        };
        self.reconciler.found(paths);
        // Nothing but reads can be due: nothing is known yet of what should be there.
        while let Some(write) = self.reconciler.next_write(false) {
            debug_assert!(matches!(write, Write::Read(_)));
            let (path, outcome) = session.writer.clone().carry_out(write).await;
            if let Outcome::Holds(content) = &outcome {
                self.reconciler.adopt(&path, content, self.now());
            }
            self.reconciler.written(&path, outcome);
        }
        true
    }

    async fn serve(&mut self, session: &mut Session) {
        let mut tick = time::interval(self.config.compare_interval);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut marks = self.maintenance.changes();
        let mut elections = self.elections.statuses.subscribe();
        elections.mark_changed();
        let mut address = self.address.subscribe();
        // It may have changed between two sessions.
        address.mark_changed();
        loop {
            self.start_asks();
            if !self.start_writes(session) {
                return;
            }
            self.set_checks().await;
            self.tell_over_limit();
            self.tell_contenders();
            let retry_at = self.retry_at;
            tokio::select! {
                Some(change) = self.changes.next() => self.change(change),
                Some(answer) = self.asks.join_next() => self.answered(answer),
                Some(written) = session.writes.join_next() => {
                    if let Ok((path, outcome)) = written {
                        session.watch_if_taken(&path, &outcome);
                        self.reconciler.written(&path, outcome);
                    }
                }
                Some(path) = session.vacancies.next() => self.reconciler.vacated(&path),
                Some(listed) = session.listings.join_next() => {
                    if let Ok(Some(paths)) = listed {
                        self.reconciler.found(paths);
                    }
                }
                Some(change) = self.verdicts.recv() => {
                    self.reconciler.verdict(change.key, change.verdict);
                }
                _ = marks.changed() => self.read_maintenance(),
                Ok(()) = elections.changed() => {
                    self.reconciler.set_elections(&elections.borrow_and_update());
                }
                Ok(()) = address.changed() => {
                    self.reconciler.set_address(*address.borrow_and_update());
                }
                _ = session.state.changed() => {}
                Some(_) = session.forgetting.join_next() => {}
                _ = tick.tick() => {
                    let now = self.now();
                    self.reconciler.tick(now);
                    self.reconciler.compare_engine();
                    session.list();
                    self.overflow.compared(self.reconciler.over_limit());
                    self.forget_marks(session);
                }
                () = until(retry_at) => {
                    self.retry_at = None;
                    self.reconciler.compare_engine();
                }
            }
        }
    }

    fn now(&self) -> Now {
        Now {
            at: Instant::now(),
            wall_ms: (self.config.now_ms)(),
        }
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::Event(event) => {
                let now = self.now();
                self.reconciler.event(&event, now);
            }
            Change::Resync { reason } => {
                tracing::info!(%reason, "comparing with everything that Docker runs");
                self.reconciler.compare_engine();
            }
        }
    }

    fn start_asks(&mut self) {
        while self.asks.len() < ASKS_MAX {
            let may_idle = self.asks.len() < IDLE_ASKS_MAX;
            let Some(next) = self.reconciler.next_ask(may_idle) else {
                break;
            };
            self.asks.spawn(ask(self.engine.clone(), next));
        }
    }

    fn answered(&mut self, answer: Result<Answer, tokio::task::JoinError>) {
        match answer {
            Ok(Answer::Listed(ids)) => {
                self.reconciler.listed(&ids);
                // Listing is what is asked first and again: the engine answers.
                if let Some(lasted) = self.trouble.ends(Instant::now()) {
                    tracing::info!(?lasted, "Docker answers again");
                }
            }
            Ok(Answer::Inspected(id, container)) => {
                self.reconciler
                    .inspected(id, container.map(|container| *container));
            }
            Ok(Answer::Failed(failed, error)) => {
                if let Some(lasted) = self.trouble.occurs(Instant::now()) {
                    tracing::warn!(%error, ?lasted, "Docker did not answer; trying again and again");
                }
                self.reconciler.ask_failed(failed);
                self.retry_at = Some(Instant::now() + RETRY_INTERVAL);
            }
            // A question that panicked is lost; the next comparison asks again.
            Err(error) => tracing::error!(%error, "a question to Docker was lost"),
        }
    }

    /// Sends what is to be written, while there is a connection; false when the session is over.
    /// Without a connection nothing waits in the client: it would be outdated when it is sent.
    fn start_writes(&mut self, session: &mut Session) -> bool {
        let connection = match &*session.state.borrow_and_update() {
            State::Ended(_) => return false,
            State::Connecting { .. } => return true,
            State::Connected(connected) => connected.connection,
        };
        if connection != session.verified {
            session.verified = connection;
            session.list();
        }
        while session.writes.len() < WRITES_MAX {
            let may_idle = session.writes.len() < IDLE_WRITES_MAX;
            let Some(write) = self.reconciler.next_write(may_idle) else {
                break;
            };
            session
                .writes
                .spawn(session.writer.clone().carry_out(write));
        }
        true
    }

    async fn set_checks(&mut self) {
        for (key, check) in self.reconciler.take_checks() {
            self.reports.note(&key, check.as_ref());
            let done = match check {
                Some(watched) => {
                    let Watched { check, target, .. } = watched;
                    self.checks.set(key.clone(), check, target).await
                }
                None => self.checks.remove(key.clone()).await,
            };
            if let Err(error) = done {
                tracing::error!(%key, %error, "a health check cannot be run");
            }
        }
    }

    fn tell_over_limit(&mut self) {
        let paths = self.reconciler.over_limit();
        self.overflow.changed(paths);
        self.over_limit.send_if_modified(|over_limit| {
            let before = std::mem::replace(over_limit, paths.len());
            before != *over_limit
        });
    }

    fn tell_contenders(&mut self) {
        if let Some(contenders) = self.reconciler.take_contenders() {
            self.elections.contenders.send_replace(Some(contenders));
        }
    }

    fn forget_marks(&self, session: &mut Session) {
        let (marks, _) = self.maintenance.read(marks::read);
        let marked = marks::containers(&marks, &self.config.settings.node);
        if !marked.is_empty() && session.forgetting.is_empty() {
            let client = session.writer.client.clone();
            let forgetting = marks::forget_removed(self.engine.clone(), client, marked);
            session.forgetting.spawn(forgetting);
        }
    }

    fn read_maintenance(&mut self) {
        let (marks, foreign) = self.maintenance.read(marks::read);
        for path in foreign.difference(&self.foreign_marks) {
            tracing::warn!(
                path,
                "a maintenance mark has content that is not Dockeeper's, and counts all the same; \
                 delete the znode, or set it again with `dockeeper maintenance on`"
            );
        }
        self.foreign_marks = foreign;
        self.reconciler.set_maintenance(marks);
    }
}

// === impl Session ===

impl Session {
    /// Waits for what is in the way of a write to go.
    fn watch_if_taken(&mut self, path: &str, outcome: &Outcome) {
        if matches!(outcome, Outcome::Taken(_)) {
            self.vacancies.watch(&self.writer.client, path);
        }
    }

    /// Has the server list the session's znodes, to be compared.
    fn list(&mut self) {
        if self.listings.is_empty() {
            self.listings
                .spawn(io::list_own(self.writer.client.clone()));
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
