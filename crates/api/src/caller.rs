//! Who asks: a container that the engine knows, or a process of the host.

mod containers;

pub(crate) use self::containers::{ByEngine, Containers};

use crate::{peer::Peer, problem::Problem};
use axum::http::StatusCode;
use dockeeper_engine::{Container, ContainerId, container::State};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The process that has connected, as the host numbers it.
    pub(crate) pid: u32,
    pub(crate) uid: u32,
    /// `None` for a process of the host.
    pub(crate) run: Option<Run>,
}

/// One run of a container, from its start to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) id: ContainerId,
    pub(crate) name: String,
    started_at_ms: i64,
}

/// Whose something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    Container(ContainerId),
    /// A user of the host.
    User(u32),
}

// === impl Caller ===

impl Caller {
    /// Asks the engine which of the containers that the kernel names is one of its own. A group of
    /// processes may have the name of any container; an outer one's is not for those inside to
    /// choose.
    pub(crate) async fn identify(
        peer: &Peer,
        containers: &dyn Containers,
    ) -> Result<Self, Problem> {
        let process = peer.0.as_ref().map_err(|unknown| {
            Problem::new(StatusCode::FORBIDDEN, "unknown-caller", unknown.to_string())
        })?;
        let mut caller = Self {
            pid: process.pid,
            uid: process.uid,
            run: None,
        };
        for id in &process.containers {
            if let Some(container) = find(*id, containers).await? {
                let run = Run::of(&container).ok_or_else(|| {
                    let message = format!("container {} is {}", container.name, container.state);
                    Problem::new(StatusCode::FORBIDDEN, "not-running", message)
                })?;
                caller.run = Some(run);
                break;
            }
        }
        Ok(caller)
    }

    pub(crate) fn owner(&self) -> Owner {
        match &self.run {
            Some(run) => Owner::Container(run.id),
            None => Owner::User(self.uid),
        }
    }
}

// === impl Run ===

impl Run {
    fn of(container: &Container) -> Option<Self> {
        matches!(container.state, State::Running | State::Paused).then(|| Self {
            id: container.id,
            name: container.name.clone(),
            started_at_ms: container.started_at_ms,
        })
    }

    /// Whether the container runs still, and has not been started again meanwhile.
    pub(crate) async fn goes_on(&self, containers: &dyn Containers) -> Result<bool, Problem> {
        let found = find(self.id, containers).await?;
        let now = found.as_ref().and_then(Self::of);
        Ok(now.is_some_and(|now| now.started_at_ms == self.started_at_ms))
    }
}

async fn find(id: ContainerId, containers: &dyn Containers) -> Result<Option<Container>, Problem> {
    let found = containers.find(id).await;
    found.map_err(|error| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no-docker",
            error.to_string(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::{Process, Unknown};
    use dockeeper_engine::fake::Fake;
    use std::sync::Arc;

    fn peer(containers: &[ContainerId]) -> Peer {
        Peer(Ok(Process {
            pid: 7,
            uid: 1000,
            containers: containers.to_vec(),
        }))
    }

    #[tokio::test]
    async fn only_a_container_that_the_engine_runs_counts() {
        let fake = Fake::new(1);
        let [known, other] = ["known", "other"].map(|name| fake.create(name, |_| {}));
        fake.start(known);
        let engine = ByEngine(Arc::new(fake.clone()));
        let foreign = ContainerId::from_bytes([9; 32]);
        let identify = async |peer| Caller::identify(&peer, &engine).await;

        // An outer container of another engine, and one that a process inside has made up.
        let caller = identify(peer(&[foreign, known, other])).await.unwrap();
        assert_eq!(caller.owner(), Owner::Container(known));
        assert_eq!(caller.run.as_ref().unwrap().name, "known");
        for host in [&[][..], &[foreign]] {
            let caller = identify(peer(host)).await.unwrap();
            assert_eq!(caller.owner(), Owner::User(1000));
        }
        assert_eq!(
            identify(peer(&[other])).await.unwrap_err().code,
            "not-running"
        );
        let unknown = identify(Peer(Err(Unknown::OtherNamespace)))
            .await
            .unwrap_err();
        assert_eq!(unknown.status, StatusCode::FORBIDDEN);
        fake.set_reachable(false);
        assert_eq!(
            identify(peer(&[known])).await.unwrap_err().code,
            "no-docker"
        );
    }

    #[tokio::test]
    async fn a_run_ends_with_the_container_also_when_it_is_started_again() {
        let fake = Fake::new(1);
        let id = fake.create("web", |_| {});
        fake.start(id);
        let engine = ByEngine(Arc::new(fake.clone()));
        let run = Caller::identify(&peer(&[id]), &engine).await.unwrap().run;
        let run = run.unwrap();
        assert!(run.goes_on(&engine).await.unwrap());
        fake.exit(id, 1);
        assert!(!run.goes_on(&engine).await.unwrap());
        fake.start(id);
        assert!(!run.goes_on(&engine).await.unwrap());
    }
}
