use dockeeper_zk_client::state::Attempt;
use std::{fmt, io, net::IpAddr, path::PathBuf, time::Duration};

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
    /// A running agent was told to leave, and still runs.
    #[error(
        "the agent (process {pid}) was told to leave and has not within {waited:?}: it may hang, or \
         wait for ZooKeeper for longer, which this command does with the agent's --timeout or \
         --config; see its log, or kill it and run this again"
    )]
    NotLeft {
        /// The agent's process.
        pid: i32,
        /// The limit.
        waited: Duration,
    },
    /// No server could be told that a session is to end.
    #[error(
        "no ZooKeeper server could be told that this host leaves{}: what it registered goes when \
         its session expires{}; the session is kept in {}, and `dockeeper agent leave` ends it as \
         soon as ZooKeeper answers",
        Parenthesized(.attempts),
        Within(.session_timeout),
        .path.display()
    )]
    Untold {
        /// The state directory.
        path: PathBuf,
        /// The session's time-out, where it is known.
        session_timeout: Option<Duration>,
        /// What the last attempts to connect came to.
        attempts: Vec<Attempt>,
    },
    /// A session was left behind, and it is not known where.
    #[error(
        "the session in {} does not say where its ZooKeeper is: give it with --zk or --config",
        .path.display()
    )]
    WhereUnknown {
        /// The state directory.
        path: PathBuf,
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
    /// The address that was given cannot be advertised.
    #[error("--address (DOCKEEPER_ADDRESS, or address in the file) is {address}, {why}")]
    UnfitAddress {
        /// The address.
        address: IpAddr,
        /// Why not, and what to do.
        why: &'static str,
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
    /// What decrypts this host's secrets cannot be used.
    #[error(transparent)]
    Identity(#[from] dockeeper_config::secrets::Error),
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

struct Within<'a>(&'a Option<Duration>);

impl fmt::Display for Within<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(limit) => write!(f, ", {limit:?} after ZooKeeper has last heard of it"),
            None => Ok(()),
        }
    }
}

struct Parenthesized<'a>(&'a [Attempt]);

impl fmt::Display for Parenthesized<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => Ok(()),
            attempts => write!(f, " ({})", Attempts(attempts)),
        }
    }
}

struct Attempts<'a>(&'a [Attempt]);

impl fmt::Display for Attempts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempts: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&attempts.join("; "))
    }
}
