//! A Docker and a ZooKeeper that are nothing but maps, around a reconciler.

use super::{
    super::*,
    step::{CONTESTED, Step},
};
use crate::host::{
    holder::Holder,
    obstacle::Obstacle,
    settings::STOP_HOLD_DEFAULT,
    tests::{container, publish, settings},
};
use bytes::Bytes;
use dockeeper_engine::container::{Health, Protocol, State};
use dockeeper_health::Reason;
use dockeeper_model::{Instance, layout};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};
use tokio::time::Instant;

const HOLD_MS: i64 = 1000 * STOP_HOLD_DEFAULT.as_secs().cast_signed();

pub(super) const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A container's run: its id and its start.
type Run = (ContainerId, i64);

enum Answer {
    Listed(Vec<ContainerId>),
    /// With when it was asked for.
    Inspected(ContainerId, Option<Box<Container>>, i64),
    Failed(Ask),
}

/// An event on its way.
#[derive(Clone)]
struct OnItsWay {
    event: Event,
    /// The run that it tells to stop, and when; `None` also when the wall clock was set since.
    stops: Option<(Run, i64)>,
}

pub(super) struct World {
    reconciler: Reconciler,
    docker: BTreeMap<ContainerId, Container>,
    events: VecDeque<OnItsWay>,
    answers: Vec<Answer>,
    pub(super) zookeeper: BTreeMap<String, Bytes>,
    others: BTreeMap<String, Holder>,
    outcomes: Vec<(String, Outcome)>,
    address: IpAddr,
    /// The checks that are run, and what they say.
    verdicts: BTreeMap<Key, Verdict>,
    /// The znodes that were deleted.
    pub(super) deleted: Vec<String>,
    /// Docker cannot be asked.
    is_away: bool,
    /// The runs that the reconciler knows to have been told to stop, and when they were.
    stopping: BTreeMap<Run, i64>,
    /// When what was last answered of each container had been asked.
    asked: BTreeMap<ContainerId, i64>,
    /// Runs that were registered after they were told to stop, and before it was asked whether
    /// they go on.
    pub(super) put_back_unasked: Vec<Run>,
    began: Instant,
    /// In milliseconds since the beginning.
    clock: i64,
    /// By how much the wall clock is ahead.
    ahead_ms: i64,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            reconciler: Reconciler::new(settings(), "/dockeeper"),
            docker: BTreeMap::new(),
            events: VecDeque::new(),
            answers: Vec::new(),
            zookeeper: BTreeMap::new(),
            others: BTreeMap::new(),
            outcomes: Vec::new(),
            address: settings().address,
            verdicts: BTreeMap::new(),
            deleted: Vec::new(),
            is_away: false,
            stopping: BTreeMap::new(),
            asked: BTreeMap::new(),
            put_back_unasked: Vec::new(),
            began: Instant::now(),
            clock: 0,
            ahead_ms: 0,
        }
    }

    pub(super) fn take(&mut self, step: &Step) {
        self.clock += 1;
        match *step {
            Step::Start(i) => self.start(NAMES[i]),
            Step::Kill(i) => self.change(i, Action::Kill { signal: Some(15) }, |_| {}),
            Step::Die(i) => self.change(i, Action::Die { exit_code: 0 }, |c| {
                c.state = State::Exited;
            }),
            Step::Pause(i) => self.change(i, Action::Pause, |c| c.state = State::Paused),
            Step::Unpause(i) => self.change(i, Action::Unpause, |c| c.state = State::Running),
            Step::Sicken(i) => self.sick(i, Health::Unhealthy),
            Step::Heal(i) => self.sick(i, Health::Healthy),
            Step::Rename(i) => self.rename(i),
            Step::Judge(index, passes) => self.judge(index, passes),
            Step::Restart => self.restart(),
            Step::Vandalize(index) => {
                if let Some(content) = self.zookeeper.values_mut().nth(index % 8) {
                    *content = Bytes::from_static(b"hacked");
                }
            }
            Step::Erase(index) => {
                let path = self.zookeeper.keys().nth(index % 8).cloned();
                path.map(|path| self.zookeeper.remove(&path));
            }
            Step::Hear(index, again) => self.hear(index, again),
            Step::Lose(index) => drop(self.pick_event(index)),
            Step::Ask => self.ask(),
            Step::Answer(index) => self.answer(index),
            Step::AskFails => {
                if let Some(ask) = self.reconciler.next_ask(true) {
                    self.reconciler.ask_failed(ask);
                }
            }
            Step::Away(is_away) => self.is_away = is_away,
            Step::Pass(seconds) => {
                self.clock += 1000 * seconds;
                self.compare();
            }
            Step::Leap(seconds) => {
                self.ahead_ms += 1000 * seconds;
                // How old they are cannot be known.
                self.events.iter_mut().for_each(|event| event.stops = None);
            }
            Step::Write(happens) => self.write(happens),
            Step::Told(index, known) => self.told(index, known),
            Step::List => self.list(),
            Step::Expire => {
                self.zookeeper.clear();
                self.outcomes.clear();
                self.reconciler.session_over();
            }
            Step::Compare => self.compare(),
            Step::Readdress(last) => {
                self.address = [10, 0, 0, last].into();
                self.reconciler.set_address(self.address);
            }
            Step::Take(i, session) if !self.zookeeper.contains_key(CONTESTED[i]) => {
                let node = Some("h2".parse().unwrap());
                let holder = Holder { session, node };
                self.others.insert(CONTESTED[i].to_owned(), holder);
            }
            Step::Take(..) => {}
            Step::Leave(i, told) => {
                if self.others.remove(CONTESTED[i]).is_some() && told {
                    self.reconciler.vacated(CONTESTED[i]);
                }
            }
        }
        self.run_checks();
    }

    /// Does what the monitor does: each check that begins says what it begins with.
    fn run_checks(&mut self) {
        loop {
            let changes = self.reconciler.take_checks();
            if changes.is_empty() {
                return;
            }
            for (key, watched) in changes {
                let Some(watched) = watched else {
                    self.verdicts.remove(&key);
                    continue;
                };
                let initial = watched.check.initial;
                let verdict = self.verdicts.entry(key.clone()).or_insert(initial);
                self.reconciler.verdict(key, verdict.clone());
            }
        }
    }

    fn judge(&mut self, index: usize, passes: bool) {
        let verdict = match passes {
            true => Verdict::Passing,
            false => Verdict::Failing {
                reason: Reason::new("no answer"),
            },
        };
        let count = self.verdicts.len().max(1);
        if let Some((key, known)) = self.verdicts.iter_mut().nth(index % count) {
            known.clone_from(&verdict);
            self.reconciler.verdict(key.clone(), verdict);
        }
    }

    /// What was on its way is lost; the session and its znodes are not.
    pub(super) fn restart(&mut self) {
        self.reconciler = Reconciler::new(self.settings(), "/dockeeper");
        self.reconciler.session_over();
        self.answers.clear();
        self.outcomes.clear();
        self.verdicts.clear();
        // What was not recorded is forgotten.
        self.stopping.clear();
        self.list();
        while let Some(write) = self.reconciler.next_write(false) {
            let path = write.into_path();
            let content = self.zookeeper[&path].clone();
            self.reconciler.adopt(&path, &content, self.now());
            self.reconciler.written(&path, Outcome::Holds(content));
        }
        self.compare();
    }

    fn settings(&self) -> Settings {
        Settings {
            address: self.address,
            ..settings()
        }
    }

    fn list(&mut self) {
        let paths: Vec<_> = self.zookeeper.keys().cloned().collect();
        self.reconciler.found(paths);
    }

    fn start(&mut self, name: &str) {
        let mut started = container(name);
        let port = u16::from(name.as_bytes()[0]);
        publish(
            &mut started,
            80,
            Protocol::Tcp,
            Some(&format!("0.0.0.0:{port}")),
        );
        started.image = "web".into();
        started.started_at_ms = self.now().wall_ms;
        if port % 3 == 0 {
            started
                .labels
                .insert("SERVICE_CHECK_TCP".into(), "true".into());
        }
        // One lives in another's network.
        if name == "c" {
            started.network_mode = format!("container:{}", container("d").id);
            started.labels.insert("SERVICE_PORT".into(), "80".into());
        }
        // Two of them want the same id.
        if port % 2 == 0 {
            started.labels.insert("SERVICE_ID".into(), "same".into());
        }
        let id = started.id;
        if self
            .docker
            .get(&id)
            .is_none_or(|c| c.state == State::Exited)
        {
            self.docker.insert(id, started);
            self.emit(id, Action::Start);
        }
    }

    fn change(&mut self, index: usize, action: Action, change: impl FnOnce(&mut Container)) {
        let id = container(NAMES[index]).id;
        if let Some(container) = self.docker.get_mut(&id)
            && container.state != State::Exited
        {
            change(container);
            self.emit(id, action);
        }
    }

    fn sick(&mut self, index: usize, health: Health) {
        self.change(index, Action::HealthStatus(health), |c| c.health = health);
    }

    fn rename(&mut self, index: usize) {
        let to = format!("{}{}", NAMES[index], self.clock);
        let action = Action::Rename {
            from: String::new(),
            to: to.clone(),
        };
        self.change(index, action, |c| c.name = to);
    }

    fn emit(&mut self, id: ContainerId, action: Action) {
        let run = (id, self.docker[&id].started_at_ms);
        let is_stop = matches!(action, Action::Kill { .. });
        let stops = is_stop.then_some((run, self.clock));
        let event = Event {
            id,
            action,
            time_ns: self.now().wall_ms * 1_000_000,
        };
        self.events.push_back(OnItsWay { event, stops });
    }

    fn now(&self) -> Now {
        let passed = Duration::from_millis(self.clock.unsigned_abs());
        Now {
            at: self.began + passed,
            wall_ms: self.clock + self.ahead_ms,
        }
    }

    fn pick_event(&mut self, index: usize) -> Option<OnItsWay> {
        if self.events.is_empty() {
            return None;
        }
        self.events.remove(index % self.events.len())
    }

    fn hear(&mut self, index: usize, again: bool) {
        if let Some(picked) = self.pick_event(index) {
            self.reconciler.event(&picked.event, self.now());
            // One that is heard after its hold may be over already.
            let is_held = |(_, told): &(Run, i64)| self.clock - told < HOLD_MS;
            self.stopping.extend(picked.stops.filter(is_held));
            if again {
                self.events.push_back(picked);
            }
        }
    }

    fn ask(&mut self) {
        let running = |c: &&Container| c.state != State::Exited;
        match self.reconciler.next_ask(true) {
            Some(ask) if self.is_away => self.answers.push(Answer::Failed(ask)),
            Some(Ask::List) => {
                let ids = self.docker.values().filter(running).map(|c| c.id);
                self.answers.push(Answer::Listed(ids.collect()));
            }
            Some(Ask::Inspect(id)) => {
                let found = self.docker.get(&id).cloned();
                let found = found.map(Box::new);
                self.answers.push(Answer::Inspected(id, found, self.clock));
            }
            None => {}
        }
    }

    pub(super) fn answer(&mut self, index: usize) {
        if self.answers.is_empty() {
            return;
        }
        match self.answers.swap_remove(index % self.answers.len()) {
            Answer::Listed(ids) => self.reconciler.listed(&ids),
            Answer::Inspected(id, found, at) => {
                self.asked.insert(id, at);
                self.reconciler.inspected(id, found.map(|found| *found));
            }
            Answer::Failed(ask) => self.reconciler.ask_failed(ask),
        }
    }

    fn write(&mut self, happens: bool) {
        let Some(write) = self.reconciler.next_write(true) else {
            return;
        };
        self.watch_for_unasked(&write);
        let (path, content) = match write {
            Write::Read(path) => {
                let found = self.zookeeper.get(&path).cloned();
                let outcome = found.map_or(Outcome::Absent, Outcome::Holds);
                self.outcomes.push((path, outcome));
                return;
            }
            Write::Create(path, _) if self.others.contains_key(&path) => {
                let holder = self.others[&path].clone();
                self.outcomes.push((path, Outcome::Taken(holder)));
                return;
            }
            Write::Create(path, content) => {
                let found = self.zookeeper.get(&path).cloned();
                (path, Some(found.unwrap_or(content)))
            }
            Write::Set(path, content) => (path, Some(content)),
            Write::Delete(path) => (path, None),
        };
        if !happens {
            self.outcomes.push((path, Outcome::Unknown));
            return;
        }
        let outcome = match content {
            Some(content) => {
                self.zookeeper.insert(path.clone(), content.clone());
                Outcome::Holds(content)
            }
            None => {
                self.deleted.push(path.clone());
                self.zookeeper.remove(&path);
                Outcome::Absent
            }
        };
        self.outcomes.push((path, outcome));
    }

    /// Notes an instance of a run that was told to stop, and of which nobody has asked since
    /// whether it goes on.
    fn watch_for_unasked(&mut self, write: &Write) {
        let (Write::Create(path, content) | Write::Set(path, content)) = write else {
            return;
        };
        let Some((service, id)) = layout::two_names(path, layout::SERVICES) else {
            return;
        };
        let (service, id) = (service.parse().unwrap(), id.parse().unwrap());
        let instance = Instance::decode(service, id, content).unwrap();
        let container = instance.origin.unwrap().container.parse().unwrap();
        let run = (container, instance.registered_ms);
        if let Some(told) = self.stopping.get(&run)
            && self
                .asked
                .get(&container)
                .is_none_or(|asked| *asked < told + HOLD_MS)
        {
            self.put_back_unasked.push(run);
        }
    }

    fn told(&mut self, index: usize, known: bool) {
        if self.outcomes.is_empty() {
            return;
        }
        let (path, outcome) = self.outcomes.swap_remove(index % self.outcomes.len());
        let outcome = if known { outcome } else { Outcome::Unknown };
        self.reconciler.written(&path, outcome);
    }

    fn compare(&mut self) {
        self.reconciler.tick(self.now());
        self.reconciler.compare_engine();
        self.list();
    }

    /// Lets a comparison run to its end without further faults.
    pub(super) fn settle(&mut self) {
        self.is_away = false;
        // Late enough for every stop that never came to be forgotten.
        self.clock += 1_000_000;
        // What was on its way fails, what runs becomes known, and stops are asked about.
        for _ in 0..3 {
            self.compare();
            self.work();
        }
        self.events.clear();
    }

    pub(super) fn work(&mut self) {
        for _ in 0..100 {
            self.ask();
            self.answer(0);
            self.write(true);
            self.told(0, true);
            self.run_checks();
        }
    }

    /// What a catalog that has seen nothing but the present would register, where nobody else has.
    pub(super) fn expected(&self) -> BTreeMap<String, Bytes> {
        let mut catalog = Catalog::new(self.settings());
        for container in self.docker.values() {
            catalog.put(container.clone());
        }
        let mut changes = catalog.take_changes().znodes;
        for (key, verdict) in &self.verdicts {
            catalog.verdict(key.clone(), verdict.clone());
        }
        changes.extend(catalog.take_changes().znodes);
        for (path, holder) in &self.others {
            catalog.obstructed(path, Some(Obstacle::Held(holder.clone())));
        }
        changes.extend(catalog.take_changes().znodes);
        let mut expected = BTreeMap::new();
        for (path, content) in changes {
            match content {
                Some(content) => expected.insert(path, content),
                None => expected.remove(&path),
            };
        }
        expected.retain(|path, _| !self.others.contains_key(path));
        expected
    }
}
