//! How a server is configured.

use super::{finding::Finding, word};
use crate::output::duration;
use dockeeper_zk_client::config::SESSION_TIMEOUT_DEFAULT;
use std::time::Duration;

/// Connections from one address besides its agent's: command lines, and other programs.
const CONNECTIONS_SPARE: usize = 10;

/// Judges the answer to `conf`; `agents` is the largest number of agents behind one address.
pub(super) fn judge(answer: &str, agents: usize) -> Vec<Finding> {
    let number = |key| word::value(answer, key, '=').and_then(|value| value.parse::<usize>().ok());
    let mut findings = Vec::new();
    if let Some(most) = number("maxClientCnxns") {
        findings.push(judge_connections(most, agents));
    }
    if let (Some(min_ms), Some(max_ms)) = (number("minSessionTimeout"), number("maxSessionTimeout"))
    {
        findings.push(judge_range(min_ms as u64, max_ms as u64));
    }
    findings
}

/// What to say when the server may not tell its configuration.
pub(super) fn unknown() -> Finding {
    Finding::warn(
        "conf",
        "the server does not answer the word conf: its limits are unknown",
        "4lw.commands.whitelist=srvr,conf,ruok in the server's zoo.cfg would let doctor see more",
    )
}

/// What a server made of the wish for a session's time-out.
pub(super) fn judge_granted(granted: Duration) -> Finding {
    let wished = SESSION_TIMEOUT_DEFAULT;
    if granted == wished {
        return Finding::ok("session", format!("opened, with a time-out of {granted:?}"));
    }
    Finding::warn(
        "session",
        format!("opened, but with a time-out of {granted:?}: {wished:?} was asked for"),
        "a lost host's containers are found for that long: set minSessionTimeout and \
         maxSessionTimeout (by default 2 and 20 times tickTime) around it in zoo.cfg",
    )
}

fn judge_connections(most: usize, agents: usize) -> Finding {
    let needed = agents + CONNECTIONS_SPARE;
    match most {
        0 => Finding::ok("connections", "maxClientCnxns=0: no limit for one address"),
        most if most < needed => Finding::warn(
            "connections",
            format!(
                "maxClientCnxns={most}: few connections from one address, where there are up to \
                 {agents} agents behind one"
            ),
            format!(
                "set maxClientCnxns={} or more in zoo.cfg, or 0 for no limit",
                needed.max(60)
            ),
        ),
        most => Finding::ok(
            "connections",
            format!("maxClientCnxns={most} connections from one address"),
        ),
    }
}

fn judge_range(min_ms: u64, max_ms: u64) -> Finding {
    let range = Duration::from_millis(min_ms)..=Duration::from_millis(max_ms);
    let found = format!(
        "session time-outs from {} to {}",
        duration::long(*range.start()),
        duration::long(*range.end())
    );
    if range.contains(&SESSION_TIMEOUT_DEFAULT) {
        return Finding::ok("time-outs", found);
    }
    Finding::warn(
        "time-outs",
        format!("{found}, without Dockeeper's {SESSION_TIMEOUT_DEFAULT:?}"),
        "set minSessionTimeout and maxSessionTimeout (by default 2 and 20 times tickTime) in \
         zoo.cfg",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Status;

    fn statuses(most: usize, min: u64, max: u64, agents: usize) -> Vec<Status> {
        let answer = format!(
            "clientPort=2181\nmaxClientCnxns={most}\nminSessionTimeout={min}\n\
             maxSessionTimeout={max}\n"
        );
        judge(&answer, agents).iter().map(|f| f.status).collect()
    }

    #[test]
    fn limits_are_compared_with_what_is_needed() {
        let (ok, warn) = (Status::Ok, Status::Warn);
        assert_eq!(statuses(60, 4000, 40_000, 3), [ok, ok]);
        assert_eq!(statuses(0, 1000, 10_000, 1000), [ok, ok]);
        assert_eq!(statuses(60, 1000, 9_000, 51), [warn, warn]);
        assert_eq!(statuses(5, 20_000, 40_000, 0), [warn, warn]);
        assert_eq!(judge("nothing", 0), []);
    }

    #[test]
    fn another_time_out_than_the_wished_one_is_told() {
        assert_eq!(judge_granted(Duration::from_secs(10)).status, Status::Ok);
        assert_eq!(judge_granted(Duration::from_secs(4)).status, Status::Warn);
    }
}
