use dockeeper_zk_client::state::Attempt;
use std::{fmt, io, path::PathBuf};

/// Why an agent cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state directory cannot be used.
    #[error("cannot {action} {}: {error}; choose another directory with --state-dir", .path.display())]
    StateDir {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Another agent uses the state directory.
    #[error(
        "an agent{} is already running with the state directory {}; stop it, or give this one a \
         directory and a name of its own with --state-dir and --node",
        Pid(.pid),
        .path.display()
    )]
    AlreadyRunning {
        /// The directory.
        path: PathBuf,
        /// The other agent's process.
        pid: Option<i32>,
    },
    /// Another host's agent has the same name.
    #[error(
        "another agent has the node name '{node}' in this ZooKeeper: it runs on {holder} and its \
         session {session:#x} is alive; give one of them another name with --node"
    )]
    NodeTaken {
        /// The name.
        node: String,
        /// Where the other one says it runs.
        holder: String,
        /// Its session.
        session: i64,
    },
    /// The host's name cannot be a node's name.
    #[error("the host name {name:?} cannot be this node's name: {why}; choose one with --node")]
    NodeName {
        /// The host's name.
        name: String,
        /// Why not.
        why: dockeeper_model::name::Invalid,
    },
    /// No address could be found that others reach this host at.
    #[error(
        "found no address that other hosts reach this one at ({reason}); give it with --address"
    )]
    Address {
        /// What was found instead.
        reason: String,
    },
    /// ZooKeeper refused the agent.
    #[error("ZooKeeper refused the agent: {0}; check --zk-auth and the ACL of the chroot")]
    Refused(dockeeper_zk_client::Error),
    /// ZooKeeper refused the agent's credentials.
    #[error("ZooKeeper refused the credentials; check --zk-auth")]
    AuthFailed,
    /// ZooKeeper did not answer while something had to be asked of it.
    #[error("ZooKeeper did not answer: {}", Attempts(.0))]
    Unreachable(Vec<Attempt>),
    /// ZooKeeper did not answer a request.
    #[error("ZooKeeper did not answer: {0}; try again")]
    Unanswered(dockeeper_zk_client::Error),
    /// The agent's socket cannot be made.
    #[error(transparent)]
    Socket(#[from] dockeeper_api::Error),
    /// The engine's settings make no sense.
    #[error(transparent)]
    Engine(#[from] dockeeper_engine::Error),
}

struct Pid<'a>(&'a Option<i32>);

impl fmt::Display for Pid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |pid| write!(f, " (process {pid})"))
    }
}

struct Attempts<'a>(&'a [Attempt]);

impl fmt::Display for Attempts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempts: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&attempts.join("; "))
    }
}
