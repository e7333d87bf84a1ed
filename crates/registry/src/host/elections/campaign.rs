//! One container's campaign: the I/O around its [`Machine`].

use super::{
    Ending, Shared,
    contender::{Contender, Run},
    journal::Office,
    leftovers::Leftover,
    machine::{Effect, Input, Knowledge, Machine, Occasion},
    telling::tell,
};
use dockeeper_engine::Engine;
use dockeeper_model::{
    ElectionStatus, Holder, encode,
    holder::{Container, VERSION},
    layout,
};
use dockeeper_recipes::{Error, Held, Naming, Options, Standing, election};
use dockeeper_zk_client::{BootClock, BootInstant, Client, clock::sleep_until};
use std::{future::pending, pin::Pin, sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinSet};

type Standings = watch::Receiver<Standing>;
type Attempt = Pin<Box<dyn Future<Output = Result<Held, Error>> + Send>>;

/// What a campaign is told.
pub(super) struct Orders {
    pub(super) contender: watch::Receiver<Contender>,
    pub(super) session: watch::Receiver<Option<Client>>,
    pub(super) ending: watch::Receiver<Option<Ending>>,
}

/// One run of a container that stands in an election.
pub(super) struct Campaign<E> {
    shared: Arc<Shared<E>>,
    run: Run,
    orders: Orders,
    machine: Machine,
    /// What the journal says that the container knows.
    noted: Knowledge,
    /// The leadership that it leads by, or led by last.
    office: Option<Office>,
    /// Its place in the line.
    attempt: Option<Attempt>,
    held: Option<(Held, Standings)>,
    telling: JoinSet<Result<(), String>>,
}

// === impl Campaign ===

impl<E: Engine> Campaign<E> {
    /// Goes on where an earlier process of the agent ended, in the place that it left if there is
    /// one.
    pub(super) fn new(
        shared: Arc<Shared<E>>,
        run: Run,
        mut orders: Orders,
        leftover: Option<(&Client, Leftover)>,
    ) -> Self {
        if leftover.is_none() {
            // It stands with the newest session; a place that was left belongs to the one before.
            orders.session.mark_unchanged();
        }
        let (knows, office) = shared.journal.told(&run);
        let attempt = leftover.map(|(client, leftover)| -> Attempt {
            let parent = format!("{}/{}", layout::ELECTIONS, leftover.election);
            let naming = Naming::default();
            Box::pin(election::resume(client, &parent, &leftover.name, naming))
        });
        let machine = {
            let contender = orders.contender.borrow();
            let tells_loss = contender.election.on_lost.is_some();
            let fitness = contender.fitness.clone();
            Machine::new(fitness, knows, attempt.is_some(), tells_loss)
        };
        Self {
            shared,
            run,
            orders,
            machine,
            noted: knows,
            office,
            attempt,
            held: None,
            telling: JoinSet::new(),
        }
    }

    /// Runs until the container is gone and has been told, or until the agent ends.
    pub(super) async fn run(mut self) -> Run {
        let has_session = self.orders.session.borrow().is_some();
        self.handle(Input::Session(has_session));
        let mut is_left = false;
        loop {
            self.publish();
            // A hook that runs is waited for: nobody would learn how it ended.
            if self.machine.is_over() || is_left && !self.machine.is_telling() {
                break;
            }
            let (deadline, clock) = (self.machine.deadline(), self.shared.clock.clone());
            tokio::select! {
                Ok(()) = self.orders.contender.changed() => {
                    let fitness = self.orders.contender.borrow_and_update().fitness.clone();
                    self.handle(Input::Fitness(fitness));
                }
                Ok(()) = self.orders.session.changed() => {
                    // Whatever is held, it is the last session's.
                    self.handle(Input::Session(false));
                    let has_session = self.orders.session.borrow_and_update().is_some();
                    self.handle(Input::Session(has_session));
                }
                Ok(()) = self.orders.ending.changed() => {
                    let ending = *self.orders.ending.borrow_and_update();
                    match ending {
                        Some(Ending::Resign) => self.handle(Input::Resign),
                        Some(Ending::Leave) => is_left = true,
                        None => {}
                    }
                }
                outcome = decided(&mut self.attempt) => self.decided(outcome),
                standing = changed(&mut self.held) => self.handle(Input::Standing(standing)),
                Some(told) = self.telling.join_next() => {
                    let lost = |error| Err(format!("the hook was lost: {error}"));
                    self.told(told.unwrap_or_else(lost));
                }
                () = until(clock.as_ref(), deadline) => {
                    let effects = self.machine.tick(self.shared.clock.now());
                    self.carry_out(effects);
                }
            }
        }
        if let Some((held, _)) = self.held.take() {
            held.leave();
        }
        self.shared.forget(|run| *run == self.run);
        self.run
    }

    fn handle(&mut self, input: Input) {
        let effects = self.machine.handle(self.shared.clock.now(), input);
        self.carry_out(effects);
    }

    fn decided(&mut self, outcome: Result<Held, Error>) {
        self.attempt = None;
        match outcome {
            Ok(held) => {
                let name = self.orders.contender.borrow().election.name.clone();
                self.office = Some(Office {
                    election: name,
                    path: held.path().to_owned(),
                    node: held.node().to_owned(),
                    token: held.token(),
                    session: held.session(),
                });
                let token = held.token();
                let mut standing = held.standing();
                // The first one counts too.
                standing.mark_changed();
                self.held = Some((held, standing));
                self.say(|name, election| {
                    tracing::info!(container = name, election, token, "leads");
                });
                self.handle(Input::Elected {
                    token,
                    session_timeout: self.session_timeout(),
                });
            }
            // The next one is on its way.
            Err(Error::SessionOver { .. }) => self.handle(Input::Session(false)),
            Err(error) => {
                self.say(|name, election| {
                    tracing::warn!(container = name, election, %error, "cannot stand for election");
                });
                self.handle(Input::Refused(error.to_string()));
            }
        }
    }

    fn session_timeout(&self) -> Duration {
        let session = self.orders.session.borrow();
        let lease = session.as_ref().and_then(|client| *client.lease().borrow());
        lease.map_or(Duration::ZERO, |lease| lease.session_timeout)
    }

    fn told(&mut self, outcome: Result<(), String>) {
        if let Err(error) = &outcome {
            self.say(|name, election| {
                tracing::warn!(
                    container = name,
                    election,
                    error,
                    "a hook of an election failed"
                );
            });
        }
        self.handle(Input::Told(outcome));
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let knows = self.machine.knows();
        if knows != self.noted
            && let Some(office) = &self.office
        {
            self.shared.journal.note(self.run, knows, office);
            self.noted = knows;
        }
        for effect in effects {
            match effect {
                Effect::Stand => self.attempt = self.stand(),
                // Dropped, they delete their znode.
                Effect::Resign => (self.attempt, self.held) = (None, None),
                Effect::Tell(occasion) => self.tell(occasion),
            }
        }
    }

    fn stand(&self) -> Option<Attempt> {
        let client = self.orders.session.borrow().clone()?;
        let (name, path) = {
            let contender = self.orders.contender.borrow();
            let path = layout::election(&contender.election.name);
            (contender.name.clone(), path)
        };
        let holder = Holder {
            version: VERSION,
            host: self.shared.hostname.clone(),
            node: Some(self.shared.node.to_string()),
            container: Some(Container {
                id: self.run.id.to_string(),
                name,
            }),
            pid: std::process::id(),
            command: Vec::new(),
            since_ms: (self.shared.now_ms)(),
            held_since_ms: None,
        };
        let options = Options {
            data: encode(&holder).into(),
            ..Options::default()
        };
        Some(Box::pin(async move {
            election::campaign(&client, &path, &options).await
        }))
    }

    fn tell(&mut self, occasion: Occasion) {
        let Some(office) = self.office.clone() else {
            // Nothing is told of a leadership that there was not.
            return;
        };
        if occasion == Occasion::Lost {
            self.say(|name, election| {
                tracing::info!(container = name, election, "leads no longer");
            });
        }
        let contender = self.orders.contender.borrow().clone();
        let (shared, id) = (self.shared.clone(), self.run.id);
        self.telling.spawn(async move {
            let (engine, chroot) = (&*shared.engine, &shared.chroot);
            tell(engine, id, &contender, chroot, &office, occasion).await
        });
    }

    fn publish(&self) {
        if self.machine.is_resuming() {
            return;
        }
        let (role, token, withheld) = self.machine.status();
        let status = ElectionStatus {
            name: self.orders.contender.borrow().election.name.clone(),
            role,
            token,
            withheld,
        };
        self.shared.publish(self.run, status);
    }

    fn say(&self, say: impl FnOnce(&str, &str)) {
        let contender = self.orders.contender.borrow();
        say(&contender.name, contender.election.name.as_str());
    }
}

async fn until(clock: &dyn BootClock, deadline: Option<BootInstant>) {
    match deadline {
        Some(deadline) => sleep_until(clock, deadline).await,
        None => pending().await,
    }
}

async fn decided(attempt: &mut Option<Attempt>) -> Result<Held, Error> {
    match attempt {
        Some(attempt) => attempt.await,
        None => pending().await,
    }
}

async fn changed(held: &mut Option<(Held, Standings)>) -> Standing {
    if let Some((_, standings)) = held
        && standings.changed().await.is_ok()
    {
        return *standings.borrow_and_update();
    }
    pending().await
}
