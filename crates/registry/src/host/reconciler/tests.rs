//! The reconciler between a Docker and a ZooKeeper that are nothing but maps, with events that are
//! lost, repeated and late, answers in any order, writes whose outcome nobody tells, and other
//! hosts that want the same.

mod step;

use super::*;
use crate::host::{
    holder::Holder,
    obstacle::Obstacle,
    tests::{container, publish, settings},
};
use bytes::Bytes;
use dockeeper_engine::container::{Health, Protocol, State};
use dockeeper_health::Reason;
use proptest::{collection::vec, prelude::*};
use std::collections::{BTreeMap, VecDeque};
use step::{CONTESTED, Step, step};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

enum Answer {
    Listed(Vec<ContainerId>),
    Inspected(ContainerId, Option<Box<Container>>),
}

struct World {
    reconciler: Reconciler,
    docker: BTreeMap<ContainerId, Container>,
    events: VecDeque<Event>,
    answers: Vec<Answer>,
    zookeeper: BTreeMap<String, Bytes>,
    others: BTreeMap<String, Holder>,
    outcomes: Vec<(String, Outcome)>,
    address: IpAddr,
    /// The checks that are run, and what they say.
    verdicts: BTreeMap<Key, Verdict>,
    /// The znodes that were deleted.
    deleted: Vec<String>,
    clock: i64,
}

impl World {
    fn new() -> Self {
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
            clock: 0,
        }
    }

    fn take(&mut self, step: &Step) {
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
    fn restart(&mut self) {
        self.reconciler = Reconciler::new(self.settings(), "/dockeeper");
        self.reconciler.session_over();
        self.answers.clear();
        self.outcomes.clear();
        self.verdicts.clear();
        self.list();
        while let Some(write) = self.reconciler.next_write(false) {
            let path = write.into_path();
            let content = self.zookeeper[&path].clone();
            self.reconciler.adopt(&path, &content);
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
        started.started_at_ms = self.clock;
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
        let time_ns = self.clock;
        self.events.push_back(Event {
            id,
            action,
            time_ns,
        });
    }

    fn pick_event(&mut self, index: usize) -> Option<Event> {
        if self.events.is_empty() {
            return None;
        }
        self.events.remove(index % self.events.len())
    }

    fn hear(&mut self, index: usize, again: bool) {
        if let Some(event) = self.pick_event(index) {
            self.reconciler.event(&event, self.clock);
            if again {
                self.events.push_back(event);
            }
        }
    }

    fn ask(&mut self) {
        let running = |c: &&Container| c.state != State::Exited;
        match self.reconciler.next_ask(true) {
            Some(Ask::List) => {
                let ids = self.docker.values().filter(running).map(|c| c.id);
                self.answers.push(Answer::Listed(ids.collect()));
            }
            Some(Ask::Inspect(id)) => {
                let found = self.docker.get(&id).cloned();
                self.answers
                    .push(Answer::Inspected(id, found.map(Box::new)));
            }
            None => {}
        }
    }

    fn answer(&mut self, index: usize) {
        if self.answers.is_empty() {
            return;
        }
        match self.answers.swap_remove(index % self.answers.len()) {
            Answer::Listed(ids) => self.reconciler.listed(&ids),
            Answer::Inspected(id, found) => {
                self.reconciler.inspected(id, found.map(|found| *found));
            }
        }
    }

    fn write(&mut self, happens: bool) {
        let Some(write) = self.reconciler.next_write(true) else {
            return;
        };
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

    fn told(&mut self, index: usize, known: bool) {
        if self.outcomes.is_empty() {
            return;
        }
        let (path, outcome) = self.outcomes.swap_remove(index % self.outcomes.len());
        let outcome = if known { outcome } else { Outcome::Unknown };
        self.reconciler.written(&path, outcome);
    }

    fn compare(&mut self) {
        self.reconciler.tick(self.clock);
        self.reconciler.compare_engine();
        self.list();
    }

    /// Lets a comparison run to its end without further faults.
    fn settle(&mut self) {
        // Late enough for every stop that never came to be forgotten.
        self.clock += 1_000_000;
        for _ in 0..2 {
            self.compare();
            self.work();
        }
        self.events.clear();
    }

    fn work(&mut self) {
        for _ in 0..100 {
            self.ask();
            self.answer(0);
            self.write(true);
            self.told(0, true);
            self.run_checks();
        }
    }

    /// What a catalog that has seen nothing but the present would register, where nobody else has.
    fn expected(&self) -> BTreeMap<String, Bytes> {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_registered_is_what_runs(steps in vec(step(), 0..150)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        world.settle();
        let expected = world.expected();
        prop_assert_eq!(&world.zookeeper, &expected);
    }

    #[test]
    fn a_restart_deletes_nothing(
        steps in vec(step(), 0..100),
        failing in vec(any::<bool>(), 0..5),
    ) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        world.settle();
        let before = world.zookeeper.clone();
        world.deleted.clear();
        world.restart();
        for fails in failing {
            world.take(if fails { &Step::AskFails } else { &Step::Ask });
            world.answer(0);
        }
        world.work();
        world.settle();
        prop_assert_eq!(&world.deleted, &[""; 0]);
        prop_assert_eq!(&world.zookeeper, &before);
    }
}
