use super::Fake;
use super::host::{Host, SIGKILL, SIGTERM, runs};
use crate::Action;
use crate::container::{Container, ContainerId, Health, NetworkAddress, State};

/// `docker create`, `run`, `stop` and so on.
impl Fake {
    /// Creates a container. `change` makes of the plain one what the test needs.
    pub fn create(&self, name: &str, change: impl FnOnce(&mut Container)) -> ContainerId {
        let mut host = self.host.lock();
        let mut container = host.blank(name);
        change(&mut container);
        let id = container.id;
        host.containers.insert(id, container);
        host.emit(id, Action::Create);
        id
    }

    /// Creates a container and starts it.
    pub fn run(&self, name: &str, change: impl FnOnce(&mut Container)) -> ContainerId {
        let id = self.create(name, change);
        self.start(id);
        id
    }

    /// Starts a container that does not run.
    pub fn start(&self, id: ContainerId) -> bool {
        self.on(id, |state| !runs(state), Host::start)
    }

    /// Stops a container that runs, and starts it.
    pub fn restart(&self, id: ContainerId) -> bool {
        self.stop(id);
        self.start(id) && self.on(id, any, |host, id| host.emit(id, Action::Restart))
    }

    /// Stops a container, which heeds `SIGTERM` at once.
    pub fn stop(&self, id: ContainerId) -> bool {
        self.on(id, runs, |host, id| {
            host.signal(id, SIGTERM);
            host.emit(id, Action::Stop);
        })
    }

    /// Sends a signal to a container. It ends of `SIGKILL` (9) and `SIGTERM` (15), and lives on
    /// with any other.
    pub fn kill(&self, id: ContainerId, signal: i32) -> bool {
        self.on(id, runs, |host, id| host.signal(id, signal))
    }

    /// A container's process ends by itself.
    pub fn exit(&self, id: ContainerId, exit_code: i32) -> bool {
        self.on(id, runs, |host, id| host.die(id, exit_code))
    }

    /// Freezes a container.
    pub fn pause(&self, id: ContainerId) -> bool {
        let running = |state| state == State::Running;
        self.on(id, running, |host, id| {
            host.change(id, Action::Pause, |c| c.state = State::Paused);
        })
    }

    /// Thaws a container.
    pub fn unpause(&self, id: ContainerId) -> bool {
        let paused = |state| state == State::Paused;
        self.on(id, paused, |host, id| {
            host.change(id, Action::Unpause, |c| c.state = State::Running);
        })
    }

    /// Gives a container another name.
    pub fn rename(&self, id: ContainerId, name: &str) -> bool {
        self.on(id, any, |host, id| {
            let from = host.containers[&id].name.clone();
            let to = name.to_owned();
            host.change(id, Action::Rename { from, to }, |c| {
                c.name = name.to_owned();
            });
        })
    }

    /// A container's health check comes to another result.
    pub fn set_health(&self, id: ContainerId, health: Health, output: &str) -> bool {
        self.on(id, runs, |host, id| {
            host.change(id, Action::HealthStatus(health), |c| {
                c.health = health;
                c.health_output = output.to_owned();
            });
        })
    }

    /// Attaches a container to a network, whose id is its name.
    pub fn connect(&self, id: ContainerId, network: &str) -> bool {
        self.on(id, any, |host, id| {
            let address = match runs(host.containers[&id].state) {
                true => host.address(),
                false => NetworkAddress::default(),
            };
            host.connect(id, network.to_owned(), address);
        })
    }

    /// Removes a container, by force when it runs.
    pub fn remove(&self, id: ContainerId) -> bool {
        self.kill(id, SIGKILL);
        self.on(id, any, |host, id| {
            host.containers.remove(&id);
            host.volumes.remove(&id);
            host.emit(id, Action::Destroy);
        })
    }

    /// Does something to a container if it exists and its state allows it.
    fn on(
        &self,
        id: ContainerId,
        allowed: impl FnOnce(State) -> bool,
        action: impl FnOnce(&mut Host, ContainerId),
    ) -> bool {
        let mut host = self.host.lock();
        let applies = host.containers.get(&id).is_some_and(|c| allowed(c.state));
        if applies {
            action(&mut host, id);
        }
        applies
    }
}

/// Any state will do.
fn any(_: State) -> bool {
    true
}
