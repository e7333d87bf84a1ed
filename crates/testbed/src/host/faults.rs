//! What can happen to a host and to its Docker daemon.

use super::{Host, daemon::Daemon, machine::Machine};
use crate::{blocking, error::Result, members, scope::Scope};

impl Host {
    /// Stops the Docker daemon, which stops its containers first. Without one it does nothing.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Timeout`] if it does not end.
    pub async fn stop_docker(&self) -> Result<()> {
        let mut daemon = self.daemon.lock().await;
        if let Some(daemon) = &*daemon {
            daemon.stop().await?;
        }
        *daemon = None;
        Ok(())
    }

    /// Kills the Docker daemon alone; the containers run on until it is started again.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Signal`].
    pub async fn kill_docker(&self) -> Result<()> {
        let mut daemon = self.daemon.lock().await;
        let root = self.machine.read().as_ref().map(Machine::root);
        if let (Some(daemon), Some(root)) = (&*daemon, root) {
            daemon.kill(&root).await?;
        }
        *daemon = None;
        Ok(())
    }

    /// Starts the Docker daemon on the data that is there, and waits until it answers. It does
    /// nothing if one runs.
    ///
    /// # Errors
    ///
    /// [`crate::Error::HostDead`], or [`crate::Error::Start`].
    pub async fn start_docker(&self) -> Result<()> {
        let mut daemon = self.daemon.lock().await;
        let running = match &*daemon {
            Some(daemon) => daemon.process().is_running().await?,
            None => false,
        };
        if !running {
            *daemon = Some(Daemon::start(self.command("dockerd")?, &self.node).await?);
        }
        Ok(())
    }

    /// Stops the Docker daemon and starts it again.
    ///
    /// # Errors
    ///
    /// Those of [`Host::stop_docker`] and [`Host::start_docker`].
    pub async fn restart_docker(&self) -> Result<()> {
        self.stop_docker().await?;
        self.start_docker().await
    }

    /// The process id of the Docker daemon, if it runs.
    pub async fn docker_pid(&self) -> Option<u32> {
        self.daemon
            .lock()
            .await
            .as_ref()
            .map(|daemon| daemon.process().pid())
    }

    /// Ends the host as a loss of power does: every process of it and of its containers is killed.
    /// Its disk and its place in the network remain.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Timeout`] if a process does not end.
    pub async fn kill(&self) -> Result<()> {
        let mut daemon = self.daemon.lock().await;
        let scope = self.scope();
        blocking::run(move || members::kill(&scope)).await?;
        *daemon = None;
        *self.machine.write() = None;
        Ok(())
    }

    /// Boots a host that was killed and starts its Docker daemon. The programs that ran on it do
    /// not start by themselves.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Start`] with the step that failed.
    pub async fn revive(&self) -> Result<()> {
        if self.machine.read().is_none() {
            let machine = Machine::boot(&self.node).await?;
            *self.machine.write() = Some(machine);
        }
        self.start_docker().await
    }

    /// Stops every process of the host and its containers where it stands, as in a hypervisor's
    /// long pause, and returns when none runs any more. Its connections stay open.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Timeout`] if a process does not stop.
    pub async fn freeze(&self) -> Result<()> {
        let scope = self.scope();
        blocking::run(move || members::freeze(&scope)).await
    }

    /// Lets a frozen host run on.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Signal`].
    pub async fn thaw(&self) -> Result<()> {
        let scope = self.scope();
        blocking::run(move || members::thaw(&scope)).await
    }

    fn scope(&self) -> Scope {
        Scope::node(&self.node).expect("a host has a scope of its own")
    }
}
