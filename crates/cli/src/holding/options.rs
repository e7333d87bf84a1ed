use crate::{args::Span, supervise::OnSuspend};
use clap::ValueEnum;
use dockeeper_health::duration;
use dockeeper_recipes::Naming;
use std::{ffi::OsString, str::FromStr, time::Duration};
use tokio::time::Instant;

/// What every command takes that runs another.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// How long to wait at most: 30s, 5m; 0 not to wait at all [default: for ever]
    #[arg(long, value_name = "DURATION")]
    pub(crate) wait: Option<Wait>,

    /// Whose names the znodes have; the same for all who contend
    #[arg(long, value_name = "NAMES", default_value = "curator")]
    pub(crate) names: Names,

    /// What to do while the connection to ZooKeeper is lost
    #[arg(long, value_name = "WHAT", default_value = "continue")]
    pub(crate) on_suspend: OnSuspend,

    /// After how much silence ZooKeeper gives it to the next; the servers have limits of their own
    #[arg(long, value_name = "DURATION", default_value = "15s")]
    pub(crate) session_timeout: Span,

    /// From SIGTERM to SIGKILL when it is lost [default, and at most: a quarter of the session
    /// time-out]
    #[arg(long, value_name = "DURATION")]
    pub(crate) kill_after: Option<Span>,

    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) Duration);

/// Whose names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Names {
    /// Apache Curator's, for Java, and go-zookeeper's
    Curator,
    /// kazoo's, for Python
    Kazoo,
}

// === impl Options ===

impl Options {
    /// When waiting ends, if it does.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.wait.and_then(Wait::deadline)
    }

    /// Whether not to wait at all.
    pub(super) fn is_trial(&self) -> bool {
        self.wait.is_some_and(Wait::is_trial)
    }
}

// === impl Wait ===

impl Wait {
    /// Whether not to wait at all.
    pub(crate) fn is_trial(self) -> bool {
        self.0.is_zero()
    }

    /// When waiting that begins now ends, if there is waiting and an end to it.
    pub(crate) fn deadline(self) -> Option<Instant> {
        let limit = (!self.is_trial()).then_some(self.0)?;
        Instant::now().checked_add(limit)
    }
}

impl FromStr for Wait {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = duration::parse(text);
        parsed
            .map(Self)
            .map_err(|why| format!("it {why}; write 30s, 5m or 0"))
    }
}

// === impl Naming ===

impl From<Names> for Naming {
    fn from(names: Names) -> Self {
        match names {
            Names::Curator => Self::Curator,
            Names::Kazoo => Self::Kazoo,
        }
    }
}
