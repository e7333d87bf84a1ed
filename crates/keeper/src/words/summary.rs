use super::connections::{Connection, write_connections};
use crate::traffic::{Latency, Traffic};
use std::fmt::Write;

/// The version of Apache ZooKeeper whose behaviour this server has; clients choose by it what they
/// use.
const COMPATIBLE: &str = "3.8.0";

/// What a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is alone and takes writes.
    Standalone,
    /// It takes no writes.
    ReadOnly,
}

/// The server's figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// What went over all connections.
    pub traffic: Traffic,
    /// How many connections there are, the asking one included.
    pub connections: usize,
    /// The last transaction.
    pub zxid: i64,
    /// Whether writes are taken.
    pub mode: Mode,
    /// How many znodes there are.
    pub nodes: usize,
}

// === impl Mode ===

impl Mode {
    /// How Apache calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standalone => "standalone",
            Self::ReadOnly => "read-only",
        }
    }
}

/// The version as clients read it: the one of Apache that this server is like, then its own.
pub fn version() -> String {
    format!("{COMPATIBLE}-dockeeper-{}", env!("CARGO_PKG_VERSION"))
}

/// The answer to `isro`, which clients ask when they look for a server that takes writes.
pub fn isro(mode: Mode) -> &'static str {
    match mode {
        Mode::Standalone => "rw",
        Mode::ReadOnly => "ro",
    }
}

/// The answer to `srvr`.
pub fn srvr(summary: &Summary) -> String {
    let mut out = heading(summary.mode);
    write_figures(&mut out, summary);
    out
}

/// The answer to `stat`, with some of `total` connections or all.
pub fn stat(summary: &Summary, connections: &[Connection], total: usize) -> String {
    let mut out = heading(summary.mode);
    out.push_str("Clients:\n");
    write_connections(&mut out, connections, total, |_| None);
    out.push('\n');
    write_figures(&mut out, summary);
    out
}

/// A mean in milliseconds as Java writes it: at most four digits behind the point, at least one.
pub(super) fn mean(latency: &Latency) -> String {
    let rounded = (latency.mean_ms() * 10_000.0).round() / 10_000.0;
    format!("{rounded:?}")
}

fn heading(mode: Mode) -> String {
    let read_only = match mode {
        Mode::Standalone => "",
        Mode::ReadOnly => "READ-ONLY mode; serving only read-only clients\n",
    };
    format!("Zookeeper version: {}\n{read_only}", version())
}

fn write_figures(out: &mut String, summary: &Summary) {
    let Summary {
        traffic,
        connections,
        zxid,
        mode,
        nodes,
    } = summary;
    let latency = &traffic.latency;
    let (min, mean, max) = (latency.min_ms(), mean(latency), latency.max_ms());
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "Latency min/avg/max: {min}/{mean}/{max}\nReceived: {}\nSent: {}\nConnections: \
         {connections}\nOutstanding: {}\nZxid: 0x{zxid:x}\nMode: {}\nNode count: {nodes}\n",
        traffic.received,
        traffic.sent,
        traffic.outstanding,
        mode.name(),
    );
}
