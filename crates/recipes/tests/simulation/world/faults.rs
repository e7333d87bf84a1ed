//! What a fault does to the world, and how it is repaired.

use super::{LATENCY_MAX, NAMES, World};
use crate::{
    follower, keeper,
    plan::{Fault, Planned},
    referee,
    resource::Mode,
};
use std::time::Duration;
use turmoil::Sim;

/// How long a message takes at most on a slow link.
const SLOW: Duration = Duration::from_millis(700);

// === impl World ===

impl World {
    /// Has a fault hit who holds something.
    pub(super) fn aim(&self, fault: &mut Fault) {
        let now = self.sim.elapsed();
        let holder = self.history.read(|events| {
            let mut sure = events.tenures.iter().rev();
            let held = sure.find(|tenure| now < tenure.until() && tenure.mode == Mode::Alone);
            held.map(|tenure| tenure.who)
        });
        if let (Some(machine), Some(holder)) = (fault.machine(), holder) {
            *machine = holder;
        }
    }

    /// Has something go wrong.
    pub(super) fn begin(&mut self, planned: Planned) {
        self.history.note(
            planned.at,
            format!("{:?} until {:?}", planned.fault, planned.until),
        );
        match planned.fault {
            Fault::Cut(machine) => self.with_servers(machine, Sim::partition),
            Fault::CutOut(machine) => self.with_servers(machine, Sim::partition_oneway),
            Fault::CutIn(machine) => self.with_servers(machine, |sim, name, server| {
                sim.partition_oneway(server, name);
            }),
            Fault::Hold(machine) => self.with_servers(machine, Sim::hold),
            Fault::HoldReferee(machine) => self.sim.hold(NAMES[machine], referee::NAME),
            Fault::Slow(machine) => self.set_latency(machine, SLOW),
            Fault::CutFollower => self.sim.partition(follower::NAME, keeper::NAME),
            Fault::HoldFollower => self.sim.hold(follower::NAME, keeper::NAME),
            Fault::Crash(machine) => {
                self.machines[machine].process = None;
                self.sim.crash(NAMES[machine]);
            }
            Fault::Kill(machine) => self.machines[machine].process = None,
            Fault::Stop(machine) | Fault::Suspend(machine) => {
                self.machines[machine].is_running = false;
            }
            Fault::Restart => {
                self.sim.crash(keeper::NAME);
                self.keeper.crash();
            }
        }
    }

    /// Repairs what a fault has done.
    pub(super) fn end(&mut self, fault: Fault) {
        match fault {
            Fault::Cut(machine)
            | Fault::CutOut(machine)
            | Fault::CutIn(machine)
            | Fault::Hold(machine) => self.with_servers(machine, Sim::release),
            Fault::HoldReferee(machine) => self.sim.release(NAMES[machine], referee::NAME),
            Fault::Slow(machine) => self.set_latency(machine, LATENCY_MAX),
            Fault::CutFollower | Fault::HoldFollower => {
                self.sim.release(follower::NAME, keeper::NAME);
            }
            Fault::Crash(machine) => {
                if !self.sim.is_host_running(NAMES[machine]) {
                    self.sim.bounce(NAMES[machine]);
                    self.step();
                    self.start(machine);
                }
            }
            Fault::Kill(machine) => {
                let is_up = self.sim.is_host_running(NAMES[machine]);
                if is_up && self.machines[machine].process.is_none() {
                    self.start(machine);
                }
            }
            Fault::Stop(machine) | Fault::Suspend(machine) => {
                let (now, machine) = (self.sim.elapsed(), &mut self.machines[machine]);
                machine.is_running = true;
                if let Some(process) = &mut machine.process {
                    process.wake(now, matches!(fault, Fault::Suspend(_)));
                }
            }
            Fault::Restart => {
                if !self.sim.is_host_running(keeper::NAME) {
                    self.sim.bounce(keeper::NAME);
                }
            }
        }
    }

    /// Does something to the links between a machine and those that it takes for servers.
    fn with_servers(
        &self,
        machine: usize,
        act: impl Fn(&Sim<'static>, &'static str, &'static str),
    ) {
        for server in [keeper::NAME, follower::NAME] {
            act(&self.sim, NAMES[machine], server);
        }
    }

    fn set_latency(&self, machine: usize, max: Duration) {
        self.with_servers(machine, |sim, name, server| {
            sim.set_link_max_message_latency(name, server, max);
        });
    }
}
