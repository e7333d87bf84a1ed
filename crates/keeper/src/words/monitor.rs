use super::summary::{Summary, mean, version};
use crate::traffic::Latency;
use std::fmt::{Display, Write};

/// What only `mntr` tells. Counts are since the server's start.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    /// The server's figures.
    pub summary: Summary,
    /// How long it has run, in milliseconds.
    pub uptime_ms: u64,
    /// Watches that are armed.
    pub watches: usize,
    /// Live sessions.
    pub sessions: usize,
    /// Ephemeral znodes.
    pub ephemerals: usize,
    /// Bytes of all znodes' paths and data.
    pub data_size: u64,
    /// File descriptors that are open.
    pub files_open: u64,
    /// File descriptors that may be open.
    pub files_max: u64,
    /// Bytes that came in frames.
    pub bytes_received: u64,
    /// Bytes that went in frames.
    pub bytes_sent: u64,
    /// Handshakes that began.
    pub handshakes: u64,
    /// Connections that were refused for a limit.
    pub connections_rejected: u64,
    /// Frames that were refused for their length.
    pub frames_rejected: u64,
    /// Credentials that were refused.
    pub auth_failed: u64,
    /// Sessions that ended by their time-out.
    pub sessions_expired: u64,
    /// How long requests that only read took.
    pub reads: Latency,
    /// How long requests that write took.
    pub writes: Latency,
    /// How long it took until the log was on disk.
    pub fsyncs: Latency,
    /// How long snapshots took.
    pub snapshots: Latency,
}

/// The answer to `mntr`: those of Apache's figures that mean something here, under its names.
pub fn mntr(monitor: &Monitor) -> String {
    let mut out = Lines(String::new());
    gauges(&mut out, monitor);
    counters(&mut out, monitor);
    out.times("fsynctime", &monitor.fsyncs);
    out.times("snapshottime", &monitor.snapshots);
    out.times("readlatency", &monitor.reads);
    out.times("updatelatency", &monitor.writes);
    out.0
}

fn gauges(out: &mut Lines, monitor: &Monitor) {
    let summary = &monitor.summary;
    let traffic = &summary.traffic;
    out.line("version", version());
    out.line("server_state", summary.mode.name());
    out.line("ephemerals_count", monitor.ephemerals);
    out.line("num_alive_connections", summary.connections);
    out.line("avg_latency", mean(&traffic.latency));
    out.line("outstanding_requests", traffic.outstanding);
    out.line("znode_count", summary.nodes);
    out.line("global_sessions", monitor.sessions);
    out.line("packets_sent", traffic.sent);
    out.line("packets_received", traffic.received);
    out.line("connection_drop_probability", "0.0");
    out.line("watch_count", monitor.watches);
    out.line("auth_failed_count", monitor.auth_failed);
    out.line("min_latency", traffic.latency.min_ms());
    out.line("max_file_descriptor_count", monitor.files_max);
    out.line("approximate_data_size", monitor.data_size);
    out.line("open_file_descriptor_count", monitor.files_open);
    out.line("local_sessions", 0);
    out.line("uptime", monitor.uptime_ms);
    out.line("max_latency", traffic.latency.max_ms());
}

fn counters(out: &mut Lines, monitor: &Monitor) {
    out.line("large_requests_rejected", monitor.frames_rejected);
    out.line("connection_rejected", monitor.connections_rejected);
    out.line("bytes_received_count", monitor.bytes_received);
    out.line("connection_request_count", monitor.handshakes);
    out.line("response_bytes", monitor.bytes_sent);
    out.line("stale_sessions_expired", monitor.sessions_expired);
}

/// Lines of a name, a tab and a value.
struct Lines(String);

// === impl Lines ===

impl Lines {
    fn line(&mut self, name: &str, value: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "zk_{name}\t{value}");
    }

    fn times(&mut self, name: &str, latency: &Latency) {
        self.line(&format!("avg_{name}"), mean(latency));
        self.line(&format!("min_{name}"), latency.min_ms());
        self.line(&format!("max_{name}"), latency.max_ms());
        self.line(&format!("cnt_{name}"), latency.count());
        self.line(&format!("sum_{name}"), latency.sum_ms());
    }
}
