//! The port: what a host's engine can be asked.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::Stream;

use crate::container::Summary;
use crate::{Container, ContainerId, Error, Event};

/// A host's container engine.
///
/// Every call has a time limit of the implementation's own, so that none waits for ever.
pub trait Engine: Send + Sync + 'static {
    /// The stream that [`Engine::events`] opens. It yields an error at most once, and then ends;
    /// it also ends, without an error, when the engine closes it.
    type Events: Stream<Item = Result<Event, Error>> + Send + Unpin + 'static;

    /// Asks for a sign of life, the cheapest there is.
    fn ping(&self) -> impl Future<Output = Result<(), Error>> + Send;

    /// What the engine and its API are.
    fn version(&self) -> impl Future<Output = Result<Version, Error>> + Send;

    /// What the engine's host is. The engine gathers this with some effort: not for a short loop.
    fn info(&self) -> impl Future<Output = Result<Info, Error>> + Send;

    /// The ids of the containers in `scope`, sorted.
    fn list(&self, scope: Scope) -> impl Future<Output = Result<Vec<ContainerId>, Error>> + Send;

    /// All containers, sorted by id, with what can be told of them without waiting for any: one that
    /// is being started holds up [`Engine::inspect`] until its volumes are mounted.
    fn summaries(&self) -> impl Future<Output = Result<Vec<Summary>, Error>> + Send;

    /// One container, or `None` when the engine has none of this id.
    fn inspect(
        &self,
        id: &ContainerId,
    ) -> impl Future<Output = Result<Option<Container>, Error>> + Send;

    /// Runs a command inside a running container, and waits `timeout` for its end. It has the
    /// container's environment and that of `env`, each `NAME=value`. The same command is never run
    /// twice at a time in one container, also when its caller no longer waits.
    ///
    /// # Errors
    ///
    /// [`Error::ExecTimedOut`] when the command runs for longer. It is then killed where that can be
    /// done from here; the engine has no way to end it.
    ///
    /// [`Error::ExecUnfinished`] while its last run has not ended.
    fn exec(
        &self,
        id: &ContainerId,
        command: &[String],
        env: &[String],
        timeout: Duration,
    ) -> impl Future<Output = Result<Exec, Error>> + Send;

    /// Sends a signal to a container's first process, by its name or number as Docker takes it
    /// (`SIGHUP`, `HUP`, `1`). The engine tells of it with an event.
    fn kill(
        &self,
        id: &ContainerId,
        signal: &str,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Stops a container's process, kills it after `stop_timeout`, and starts it again. It waits for
    /// all of that.
    fn restart(
        &self,
        id: &ContainerId,
        stop_timeout: Duration,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Opens a stream of the containers' events: those from `since` on that the engine still
    /// remembers, then those to come.
    ///
    /// When this returns, the engine has accepted the subscription: what happens from now on will
    /// be in the stream. Most readers want [`crate::watch()`] instead, which opens it again when
    /// it is lost.
    fn events(&self, since: Since) -> impl Future<Output = Result<Self::Events, Error>> + Send;
}

/// From when on [`Engine::events`] repeats what has happened, by the engine's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// From this long before the call on.
    Ago(Duration),
    /// From this time on, in nanoseconds since 1970; that nanosecond included.
    Time(i64),
}

/// Which containers [`Engine::list`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of them, including those that were never started and those that have ended.
    All,
    /// Those whose process runs, paused ones included.
    Running,
}

/// What the engine and its API are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The newest version of the API that the engine speaks, e.g. `1.41`.
    pub api: String,
    /// The engine's own version, e.g. `20.10.24`.
    pub engine: String,
    /// The operating system, e.g. `linux`.
    pub os: String,
    /// The architecture, e.g. `amd64`.
    pub arch: String,
}

/// What the engine's host is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The host's name.
    pub name: String,
    /// The number of processors.
    pub cpus: u32,
    /// The memory, in bytes.
    pub memory_bytes: u64,
    /// The kernel's version.
    pub kernel: String,
    /// The labels of the engine (`dockerd --label`).
    pub labels: BTreeMap<String, String>,
    /// The number of containers, whatever their state.
    pub containers: u64,
}

/// How a command ended that [`Engine::exec`] ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// Its exit code.
    pub exit_code: i32,
    /// The beginning of what it wrote to standard output and standard error, as they came; at
    /// most [`Exec::OUTPUT_BYTES_MAX`] bytes, with what is not UTF-8 replaced.
    pub output: String,
    /// Whether it wrote more than that.
    pub truncated: bool,
}

impl Exec {
    /// How much of a command's output is kept, in bytes: a probe's message, not a file. The rest
    /// is read and thrown away, so that the command does not block.
    pub const OUTPUT_BYTES_MAX: usize = 16 * 1024;
}

// === impl Since ===

impl Since {
    /// Nothing is repeated.
    pub const NOW: Self = Self::Ago(Duration::ZERO);

    /// In nanoseconds since 1970, when it is `now_ns`; never before 1970.
    pub(crate) fn time_ns(self, now_ns: i64) -> i64 {
        match self {
            Self::Ago(ago) => {
                let ago_ns = i64::try_from(ago.as_nanos()).unwrap_or(i64::MAX);
                now_ns.saturating_sub(ago_ns).max(0)
            }
            Self::Time(time_ns) => time_ns,
        }
    }
}
