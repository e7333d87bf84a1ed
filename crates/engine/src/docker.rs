//! The adapter of [`Engine`] to the Docker Engine API, over the client library bollard.
//!
//! The library builds requests and decodes answers. The connection is this module's own
//! (`transport`), because the library's does not tell when the engine has accepted an event
//! subscription, trusts the system's certificate authorities beside the configured one, and
//! cannot be built before the engine's socket exists.
//!
//! The library asks without a version in the path, and so each engine answers in the newest version
//! of the API that it speaks. There is nothing to negotiate; what an engine does not know, it
//! leaves out of its answers, and `convert` takes that as empty.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::container::Summary;
use crate::{Container, ContainerId, Engine, Error, Exec, Info, Scope, Since, Version};

mod config;
mod convert;
mod endpoint;
mod events;
mod exec;
mod failure;
mod tls;
mod transport;

pub use config::{Config, REQUEST_TIMEOUT, Tls};
pub use events::Events;

use failure::Failure;
use transport::Transport;

/// The status with which the engine says that there is no such container.
const NOT_FOUND: u16 = 404;

/// A Docker Engine on a Unix socket or behind TCP. Clones share the settings; each request has a
/// connection of its own.
#[derive(Clone, Debug)]
pub struct Docker {
    transport: Arc<Transport>,
    client: bollard::Docker,
    request_timeout: Duration,
    unfinished: exec::Unfinished,
}

impl Docker {
    /// An engine by its settings. This connects to nothing: an engine that is not there yet is
    /// found as soon as it is.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when the settings name no engine or the TLS files cannot be used.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let transport = Arc::new(Transport::new(config)?);
        Ok(Self {
            client: transport::client(&transport, None),
            transport,
            request_timeout: config.request_timeout,
            unfinished: exec::Unfinished::default(),
        })
    }

    /// Waits for an answer, up to the time limit, and translates its failure. `request` says what
    /// the engine was asked to do, as a phrase behind "to".
    async fn ask<T>(
        &self,
        request: &str,
        answer: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, Error> {
        self.within(self.request_timeout, request, answer).await
    }

    /// Like [`Self::ask`], with a time limit of the caller's.
    async fn within<T>(
        &self,
        limit: Duration,
        request: &str,
        answer: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, Error> {
        let failure = self.failure(request);
        match timeout(limit, answer).await {
            Ok(answer) => answer.map_err(|error| failure.of(error)),
            Err(_) => Err(failure.timeout(limit)),
        }
    }

    fn failure(&self, request: &str) -> Failure {
        Failure::new(self.transport.endpoint(), request, self.request_timeout)
    }
}

impl Engine for Docker {
    type Events = Events;

    async fn ping(&self) -> Result<(), Error> {
        self.ask("answer a ping", self.client.ping())
            .await
            .map(drop)
    }

    async fn version(&self) -> Result<Version, Error> {
        let request = "tell its version";
        let answer = self.ask(request, self.client.version()).await?;
        convert::version(answer).map_err(|missing| self.failure(request).malformed(&missing))
    }

    async fn info(&self) -> Result<Info, Error> {
        self.ask("describe its host", self.client.info())
            .await
            .map(convert::info)
    }

    async fn list(&self, scope: Scope) -> Result<Vec<ContainerId>, Error> {
        let options = bollard::query_parameters::ListContainersOptionsBuilder::new()
            .all(scope == Scope::All)
            .build();
        let answer = self.ask(
            "list its containers",
            self.client.list_containers(Some(options)),
        );
        Ok(convert::ids(answer.await?))
    }

    async fn summaries(&self) -> Result<Vec<Summary>, Error> {
        let options = bollard::query_parameters::ListContainersOptionsBuilder::new()
            .all(true)
            .build();
        let answer = self.ask(
            "list its containers",
            self.client.list_containers(Some(options)),
        );
        Ok(convert::summaries(answer.await?))
    }

    async fn inspect(&self, id: &ContainerId) -> Result<Option<Container>, Error> {
        let request = format!("inspect container {}", id.short());
        let name = id.to_string();
        match self
            .ask(&request, self.client.inspect_container(&name, None))
            .await
        {
            Ok(answer) => Ok(Some(convert::container(*id, answer))),
            Err(Error::Refused {
                status: NOT_FOUND, ..
            }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn exec(
        &self,
        id: &ContainerId,
        command: &[String],
        env: &[String],
        timeout: Duration,
    ) -> Result<Exec, Error> {
        exec::run(self, id, command, env, timeout).await
    }

    async fn kill(&self, id: &ContainerId, signal: &str) -> Result<(), Error> {
        let request = format!("send signal {signal} to container {}", id.short());
        let name = id.to_string();
        let options = bollard::query_parameters::KillContainerOptionsBuilder::new()
            .signal(signal)
            .build();
        self.ask(&request, self.client.kill_container(&name, Some(options)))
            .await
    }

    async fn restart(&self, id: &ContainerId, stop_timeout: Duration) -> Result<(), Error> {
        let request = format!("restart container {}", id.short());
        let name = id.to_string();
        let seconds = i32::try_from(stop_timeout.as_secs()).unwrap_or(i32::MAX);
        let options = bollard::query_parameters::RestartContainerOptionsBuilder::new()
            .t(seconds)
            .build();
        let limit = self.request_timeout.saturating_add(stop_timeout);
        let answer = self.client.restart_container(&name, Some(options));
        self.within(limit, &request, answer).await
    }

    async fn events(&self, since: Since) -> Result<Events, Error> {
        events::open(self, since).await
    }
}
