//! Who asks: a container that the engine knows, or a process of the host.

mod containers;

#[cfg(test)]
pub(crate) use self::containers::tests::ByFake;
pub(crate) use self::containers::{ByEngine, Containers};

use crate::{
    peer::Peer,
    problem::{Code, Problem},
};
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
    /// Asks the engine which of the containers that control groups are named for is one of its own,
    /// and the kernel whether the group is that container's. An outer group is not for those inside
    /// to choose.
    pub(crate) async fn identify(
        peer: &Peer,
        containers: &dyn Containers,
    ) -> Result<Self, Problem> {
        let unknown = |unknown: &_| Problem::new(Code::UnknownCaller, format!("{unknown}"));
        let process = peer.0.as_ref().map_err(unknown)?;
        let mut caller = Self {
            pid: process.pid,
            uid: process.uid,
            run: None,
        };
        let mut strangers = Vec::new();
        for group in &process.groups {
            if strangers.contains(&group.container) {
                continue;
            }
            let Some(container) = find(group.container, containers).await? else {
                strangers.push(group.container);
                continue;
            };
            let not_running = |state: &str| {
                let message = format!("container {} {state}", container.name);
                Problem::new(Code::NotRunning, message)
            };
            let run = Run::of(&container)
                .ok_or_else(|| not_running(&format!("is {}", container.state)))?;
            let own = containers.groups(container.pid);
            let own = own.map_err(|error| {
                not_running(&format!("has no first process that can be seen: {error}"))
            })?;
            if process.groups.iter().any(|group| own.contains(group)) {
                caller.run = Some(run);
                break;
            }
            strangers.push(group.container);
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
    found.map_err(|error| Problem::new(Code::NoDocker, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::{Group, Process, Unknown};
    use dockeeper_engine::fake::Fake;

    fn of_groups(cgroup: &str) -> Peer {
        Peer(Ok(Process {
            pid: 7,
            uid: 1000,
            groups: Group::all(cgroup),
        }))
    }

    /// A process in these containers, from the outermost to the innermost.
    fn peer(containers: &[ContainerId]) -> Peer {
        let path: String = containers
            .iter()
            .map(|id| format!("/docker/{id}"))
            .collect();
        of_groups(&format!("0::{path}/\n"))
    }

    #[tokio::test]
    async fn only_a_container_that_the_engine_runs_counts() {
        let fake = Fake::new(1);
        let [known, other] = ["known", "other"].map(|name| fake.create(name, |_| {}));
        fake.start(known);
        let engine = ByFake(fake.clone());
        let foreign = ContainerId::from_bytes([9; 32]);
        let identify = async |peer| Caller::identify(&peer, &engine).await;

        // An outer container of another engine, and one that a process inside has made up.
        let nested = format!("1:pids:/docker/{foreign}\n0::/docker/{known}/docker/{other}\n");
        let caller = identify(of_groups(&nested)).await.unwrap();
        assert_eq!(caller.owner(), Owner::Container(known));
        assert_eq!(caller.run.as_ref().unwrap().name, "known");
        // A user of the host may give any name to a group of his own.
        let forged = format!("0::/user.slice/user-1000.slice/docker/{known}\n");
        for host in [peer(&[]), peer(&[foreign]), of_groups(&forged)] {
            let caller = identify(host).await.unwrap();
            assert_eq!(caller.owner(), Owner::User(1000));
        }
        assert_eq!(
            identify(peer(&[other])).await.unwrap_err().code,
            Code::NotRunning
        );
        let unknown = identify(Peer(Err(Unknown::OtherNamespace)))
            .await
            .unwrap_err();
        assert_eq!(unknown.code, Code::UnknownCaller);
        fake.set_reachable(false);
        assert_eq!(
            identify(peer(&[known])).await.unwrap_err().code,
            Code::NoDocker
        );
    }

    #[tokio::test]
    async fn a_run_ends_with_the_container_also_when_it_is_started_again() {
        let fake = Fake::new(1);
        let id = fake.create("web", |_| {});
        fake.start(id);
        let engine = ByFake(fake.clone());
        let run = Caller::identify(&peer(&[id]), &engine).await.unwrap().run;
        let run = run.unwrap();
        assert!(run.goes_on(&engine).await.unwrap());
        fake.exit(id, 1);
        assert!(!run.goes_on(&engine).await.unwrap());
        fake.start(id);
        assert!(!run.goes_on(&engine).await.unwrap());
    }
}
