//! One simulation: machines, their processes, what they reach, and what goes wrong.

mod faults;

use crate::{
    contender::Contender,
    follower,
    history::{Events, History},
    judge,
    keeper::{self, Keeper},
    plan::{self, Planned, STORM},
    process::Process,
    referee::{self, Referee},
    resource,
    uplink::Uplink,
};
use fastrand::Rng;
use std::{
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use turmoil::{Builder, Sim};

/// How far one after the other is simulated: messages pass between them with each step.
const STEP: Duration = Duration::from_millis(10);

/// How long a message takes at most.
const LATENCY_MAX: Duration = Duration::from_millis(12);

const MACHINES: RangeInclusive<usize> = 2..=4;

/// Behind the storm, everybody is served within so long, whatever is left of it: sessions that have
/// to expire, one behind the other, and turns of those that wait.
const SERVED_LIMIT: Duration = Duration::from_secs(25);

/// When everybody was served, whatever is left behind is gone so much later: what is cleaned up in
/// the background, and with the sessions of processes that are no more.
const CLEAN_LIMIT: Duration = Duration::from_secs(5);

/// Where contenders find their servers.
const SERVERS: [&str; 3] = ["keeper", "follower", "follower,keeper"];

const NAMES: [&str; 4] = ["m0", "m1", "m2", "m3"];

/// A host of turmoil's, and the contender on it.
struct Machine {
    uplink: Uplink,
    /// `None` while there is none.
    process: Option<Process>,
    /// Whether the process is not stopped.
    is_running: bool,
    /// Whether it has got in the calm what it contends for.
    is_served: Arc<AtomicBool>,
}

pub(crate) struct World {
    sim: Sim<'static>,
    keeper: Keeper,
    history: History,
    machines: Vec<Machine>,
    servers: &'static str,
    resources: Arc<[usize]>,
    is_calm: Arc<AtomicBool>,
    rng: Rng,
}

/// Plays a simulation to its end: what happened, and what is wrong with it.
pub(crate) fn simulate(seed: u64) -> (Events, Vec<String>) {
    // What the recipes draw from.
    fastrand::seed(seed);
    let mut world = World::new(seed);
    world.play();
    let events = world.history.read(Events::clone);
    let wrong = judge::judge(&events);
    (events, wrong)
}

// === impl World ===

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut builder = Builder::new();
        builder
            .rng_seed(rng.u64(..))
            .tick_duration(STEP)
            .simulation_duration(Duration::MAX)
            .min_message_latency(Duration::from_millis(1))
            .max_message_latency(LATENCY_MAX)
            .tcp_capacity(1 << 16)
            .enable_random_order();
        let mut sim = builder.build();
        let (keeper, history) = (Keeper::default(), History::default());
        let server = keeper.clone();
        sim.host(keeper::NAME, move || server.clone().serve());
        sim.host(follower::NAME, follower::serve);
        let referee = Referee::new(history.clone());
        sim.host(referee::NAME, move || referee.clone().serve());
        let machines = NAMES[..rng.usize(MACHINES)].iter().map(|name| {
            let uplink = Uplink::default();
            let carried = uplink.clone();
            sim.host(*name, move || carried.clone().carry());
            Machine {
                uplink,
                process: None,
                is_running: true,
                is_served: Arc::default(),
            }
        });
        let machines = machines.collect();
        let resources = rng.choose_multiple(0..resource::ALL.len(), 2);
        Self {
            sim,
            keeper,
            history,
            machines,
            servers: SERVERS[rng.usize(..SERVERS.len())],
            resources: resources.into(),
            is_calm: Arc::default(),
            rng,
        }
    }

    fn play(&mut self) {
        let plan = plan::random(&mut self.rng, self.machines.len());
        self.step();
        for machine in 0..self.machines.len() {
            self.start(machine);
        }
        self.storm(plan);
        self.calm();
    }

    /// Lets things go wrong, and ends all of it.
    fn storm(&mut self, mut plan: Vec<Planned>) {
        let mut under_way: Vec<Planned> = Vec::new();
        while self.sim.elapsed() < STORM {
            let now = self.sim.elapsed();
            for over in under_way.extract_if(.., |planned| planned.until <= now) {
                self.end(over.fault);
            }
            for mut planned in plan.extract_if(.., |planned| planned.at <= now) {
                if planned.is_aimed {
                    self.aim(&mut planned.fault);
                }
                self.begin(planned);
                under_way.push(planned);
            }
            self.step();
        }
        for over in under_way {
            self.end(over.fault);
        }
    }

    /// Now everybody is served, and nothing is left behind.
    fn calm(&mut self) {
        self.is_calm.store(true, Ordering::Relaxed);
        let began = self.sim.elapsed();
        if !self.wait(SERVED_LIMIT, |world| world.waiting().is_empty()) {
            let (waiting, left) = (self.waiting(), self.keeper.ephemerals());
            self.history.violated(format!(
                "not served within {SERVED_LIMIT:?}: {waiting:?}; there are {left:?}"
            ));
            return;
        }
        self.history.calmed(self.sim.elapsed() - began);
        if !self.wait(CLEAN_LIMIT, |world| world.keeper.ephemerals().is_empty()) {
            let left = self.keeper.ephemerals();
            self.history.violated(format!("left behind: {left:?}"));
        }
    }

    /// Those who have not been served in the calm.
    fn waiting(&self) -> Vec<usize> {
        let machines = self.machines.iter().enumerate();
        let waiting = machines.filter(|(_, machine)| !machine.is_served.load(Ordering::Relaxed));
        waiting.map(|(who, _)| who).collect()
    }

    fn wait(&mut self, limit: Duration, is_done: impl Fn(&Self) -> bool) -> bool {
        let end = self.sim.elapsed() + limit;
        while self.sim.elapsed() < end {
            self.step();
            if is_done(self) {
                return true;
            }
        }
        false
    }

    fn step(&mut self) {
        self.sim.step().unwrap();
        let now = self.sim.elapsed();
        let running = self
            .machines
            .iter_mut()
            .filter(|machine| machine.is_running);
        for process in running.filter_map(|machine| machine.process.as_mut()) {
            process.run(now);
            process.check();
        }
        self.check_sessions();
    }

    /// Who is sure has a session: the strongest that can be said at each moment.
    fn check_sessions(&self) {
        let now = self.sim.elapsed();
        let lost = self.history.read(|events| {
            let sure = events.tenures.iter().filter(|tenure| now < tenure.until());
            let lost = sure.filter(|tenure| self.keeper.has_session(tenure.session) == Some(false));
            lost.cloned().collect::<Vec<_>>()
        });
        for tenure in lost {
            self.history
                .violated(format!("{now:?}: sure without a session: {tenure:#?}"));
        }
    }

    fn start(&mut self, who: usize) {
        let machine = &mut self.machines[who];
        let (uplink, history) = (machine.uplink.clone(), self.history.clone());
        let (is_calm, is_served) = (Arc::clone(&self.is_calm), Arc::clone(&machine.is_served));
        let (resources, servers) = (Arc::clone(&self.resources), self.servers);
        let rng = self.rng.fork();
        let process = Process::start(self.sim.elapsed(), |clock| {
            let contender = Contender {
                who,
                servers,
                uplink,
                history,
                clock,
                rng,
                referee: None,
                resources,
                is_calm,
                is_served,
            };
            contender.run()
        });
        machine.process = Some(process);
        machine.is_running = true;
    }
}
