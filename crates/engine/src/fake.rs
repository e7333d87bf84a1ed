//! An engine in memory, for tests: deterministic, and able to lose, repeat and reorder its events.
//!
//! It does to its containers what `docker` does, with the same events in the same order. What makes
//! no sense for a container in its state does nothing, so that a property test can do anything at
//! any time; each action returns whether it did something.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::container::{State, Summary, VolumeMount};
use crate::{Container, ContainerId, Engine, Error, Exec, Info, Scope, Since, Version};

mod actions;
mod faults;
mod feed;
mod host;

pub use faults::Faults;
pub use feed::Events;

use host::Host;

/// A command that was run inside a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// The container.
    pub container: ContainerId,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// Its environment beside the container's own, each `NAME=value`.
    pub env: Vec<String>,
}

/// An engine in memory. Clones are the same engine.
#[derive(Clone)]
pub struct Fake {
    host: Arc<Mutex<Host>>,
}

impl Fake {
    /// An engine without containers. All that is random in it follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            host: Arc::new(Mutex::new(Host::new(seed))),
        }
    }

    /// Its containers, sorted by id.
    pub fn containers(&self) -> Vec<Container> {
        self.host.lock().containers.values().cloned().collect()
    }

    /// From now on, what goes wrong with its events on their way.
    pub fn set_faults(&self, faults: Faults) {
        self.host.lock().feed.faults = faults;
    }

    /// The volumes that a container has from now on. They are mounted when it is started.
    pub fn set_volumes(&self, id: ContainerId, volumes: Vec<VolumeMount>) {
        self.host.lock().volumes.insert(id, volumes);
    }

    /// Delivers the event that [`Faults::late_percent`] holds back, if there is one.
    pub fn settle(&self) {
        self.host.lock().feed.settle();
    }

    /// Ends all event streams, as an engine does that stops.
    pub fn sever(&self) {
        self.host.lock().feed.sever();
    }

    /// Whether it answers. When it does not, each call fails as if nobody listened, but the event
    /// streams that are open stay so, silent: over TCP, a dead host looks like this.
    pub fn set_reachable(&self, reachable: bool) {
        self.host.lock().reachable = reachable;
    }

    /// What every command ends with that is run inside a container from now on.
    pub fn set_exec(&self, exec: Exec) {
        self.host.lock().exec = exec;
    }

    /// The commands that were run inside its containers, in their order.
    pub fn executed(&self) -> Vec<Executed> {
        self.host.lock().executed.clone()
    }

    fn reached<T>(&self, call: impl FnOnce(&mut Host) -> T) -> Result<T, Error> {
        let mut host = self.host.lock();
        if host.reachable {
            return Ok(call(&mut host));
        }
        Err(Error::Unreachable {
            host: "fake".to_owned(),
            reason: "the test made it unreachable".to_owned(),
            hint: None,
        })
    }
}

impl Engine for Fake {
    type Events = Events;

    async fn ping(&self) -> Result<(), Error> {
        self.reached(|_| ())
    }

    async fn version(&self) -> Result<Version, Error> {
        let text = |text: &str| text.to_owned();
        self.reached(|_| Version {
            api: text("1.41"),
            engine: text("fake"),
            os: text("linux"),
            arch: text("amd64"),
        })
    }

    async fn info(&self) -> Result<Info, Error> {
        self.reached(|host| Info {
            name: "fake".to_owned(),
            cpus: 2,
            memory_bytes: 1 << 30,
            kernel: "6.1".to_owned(),
            labels: Default::default(),
            containers: host.containers.len() as u64,
        })
    }

    async fn list(&self, scope: Scope) -> Result<Vec<ContainerId>, Error> {
        let listed = |c: &&Container| scope == Scope::All || host::runs(c.state);
        self.reached(|host| {
            host.containers
                .values()
                .filter(listed)
                .map(|c| c.id)
                .collect()
        })
    }

    async fn summaries(&self) -> Result<Vec<Summary>, Error> {
        self.reached(|host| {
            let summary = |container| host.summary(container);
            host.containers.values().map(summary).collect()
        })
    }

    async fn inspect(&self, id: &ContainerId) -> Result<Option<Container>, Error> {
        self.reached(|host| host.containers.get(id).cloned())
    }

    async fn exec(
        &self,
        id: &ContainerId,
        command: &[String],
        env: &[String],
        _timeout: Duration,
    ) -> Result<Exec, Error> {
        let request = || format!("run a command in container {}", id.short());
        self.reached(|host| match host.containers.get(id) {
            None => Err(refused(request(), 404, "no such container")),
            Some(container) if container.state == State::Running => {
                host.executed.push(Executed {
                    container: *id,
                    command: command.to_vec(),
                    env: env.to_vec(),
                });
                Ok(host.exec.clone())
            }
            Some(_) => Err(refused(request(), 409, "the container is not running")),
        })?
    }

    async fn kill(&self, id: &ContainerId, signal: &str) -> Result<(), Error> {
        let request = || format!("send signal {signal} to container {}", id.short());
        let number = signal.parse();
        let number = number.map_err(|_| refused(request(), 500, "only numbers are known here"))?;
        if self.reached(|_| ()).is_ok() && Self::kill(self, *id, number) {
            return Ok(());
        }
        self.reached(|_| Err(refused(request(), 409, "the container is not running")))?
    }

    async fn restart(&self, id: &ContainerId, _stop_timeout: Duration) -> Result<(), Error> {
        self.reached(|_| ())?;
        if Self::restart(self, *id) {
            return Ok(());
        }
        let request = format!("restart container {}", id.short());
        Err(refused(request, 404, "no such container"))
    }

    async fn events(&self, since: Since) -> Result<Events, Error> {
        self.reached(|host| host.subscribe(since))
    }
}

fn refused(request: String, status: u16, message: &str) -> Error {
    Error::Refused {
        host: "fake".to_owned(),
        request,
        status,
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests;
