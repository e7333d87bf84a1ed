//! The reconciler between a Docker and a ZooKeeper that are nothing but maps, with events that are
//! lost, repeated and late, answers in any order, writes whose outcome nobody tells, and other
//! hosts that want the same.

use super::*;
use crate::host::{
    holder::Holder,
    tests::{container, publish, settings},
};
use bytes::Bytes;
use dockeeper_engine::container::{Health, Protocol, State};
use proptest::{collection::vec, prelude::*};
use std::collections::{BTreeMap, VecDeque};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// What other hosts want too: the instance of two containers, and of one.
const CONTESTED: [&str; 2] = ["/services/web/same", "/services/web/h1:a:80"];

#[derive(Clone, Debug)]
enum Step {
    Start(usize),
    Kill(usize),
    Die(usize),
    Pause(usize),
    Unpause(usize),
    Sicken(usize),
    Heal(usize),
    Rename(usize),
    /// One of the events arrives, and maybe stays to arrive again.
    Hear(usize, bool),
    Lose(usize),
    /// The reconciler asks, and Docker answers; the answer may arrive later.
    Ask,
    Answer(usize),
    AskFails,
    /// The reconciler writes, and ZooKeeper does it, or not.
    Write(bool),
    /// The reconciler hears what became of a write, or that nobody knows.
    Told(usize, bool),
    List,
    Expire,
    Compare,
    /// The host gets another address.
    Readdress(u8),
    /// Another host's session takes an instance, if it is free.
    Take(usize, i64),
    /// It goes, and maybe somebody says so.
    Leave(usize, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let some = 0..NAMES.len();
    prop_oneof![
        4 => some.clone().prop_map(Step::Start),
        2 => some.clone().prop_map(Step::Kill),
        3 => some.clone().prop_map(Step::Die),
        1 => some.clone().prop_map(Step::Pause),
        1 => some.clone().prop_map(Step::Unpause),
        1 => some.clone().prop_map(Step::Sicken),
        1 => some.clone().prop_map(Step::Heal),
        1 => some.prop_map(Step::Rename),
        6 => (any::<usize>(), any::<bool>()).prop_map(|(i, again)| Step::Hear(i, again)),
        2 => any::<usize>().prop_map(Step::Lose),
        6 => Just(Step::Ask),
        6 => any::<usize>().prop_map(Step::Answer),
        1 => Just(Step::AskFails),
        6 => any::<bool>().prop_map(Step::Write),
        6 => (any::<usize>(), any::<bool>()).prop_map(|(i, known)| Step::Told(i, known)),
        1 => Just(Step::List),
        1 => Just(Step::Expire),
        1 => Just(Step::Compare),
        1 => any::<u8>().prop_map(Step::Readdress),
        2 => (0..CONTESTED.len(), 1..3_i64).prop_map(|(i, session)| Step::Take(i, session)),
        1 => (0..CONTESTED.len(), any::<bool>()).prop_map(|(i, told)| Step::Leave(i, told)),
    ]
}

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
            Step::List => {
                let paths: Vec<_> = self.zookeeper.keys().cloned().collect();
                self.reconciler.found(paths);
            }
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
        let Some(write) = self.reconciler.next_write() else {
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
        let paths: Vec<_> = self.zookeeper.keys().cloned().collect();
        self.reconciler.found(paths);
    }

    /// Lets a comparison run to its end without further faults.
    fn settle(&mut self) {
        // Late enough for every stop that never came to be forgotten.
        self.clock += 1_000_000;
        for _ in 0..2 {
            self.compare();
            for _ in 0..100 {
                self.ask();
                self.answer(0);
                self.write(true);
                self.told(0, true);
            }
        }
        self.events.clear();
    }

    /// What a catalog that has seen nothing but the present would register, where nobody else has.
    fn expected(&self) -> BTreeMap<String, Bytes> {
        let mut catalog = Catalog::new(Settings {
            address: self.address,
            ..settings()
        });
        for container in self.docker.values() {
            catalog.put(container.clone());
        }
        let mut changes = catalog.take_changes().znodes;
        for (path, holder) in &self.others {
            catalog.held_by(path, Some(holder.clone()));
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
}
