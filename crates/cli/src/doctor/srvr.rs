//! What a server says of itself.

use super::{finding::Finding, word};

/// The oldest version that has persistent watches and can list a session's ephemeral znodes.
const VERSION_MIN: (u32, u32) = (3, 6);

const WHITELIST: &str = "\
4lw.commands.whitelist=srvr,conf,ruok in the server's zoo.cfg would let doctor see more";

/// The answer to `srvr`, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Srvr {
    /// `leader`, `follower`, `observer`, `standalone`.
    pub(super) mode: Option<String>,
}

/// Judges the answer to `srvr`; `None` when the server may not answer.
pub(super) fn judge(answer: Option<&str>) -> (Srvr, Vec<Finding>) {
    let Some(answer) = answer else {
        let found = "the server does not answer the word srvr: version and mode are unknown";
        return (
            Srvr::default(),
            vec![Finding::warn("srvr", found, WHITELIST)],
        );
    };
    if answer.contains("not currently serving requests") {
        let finding = Finding::fail(
            "mode",
            "the server runs but does not serve: it has no quorum",
            "start more servers of the ensemble: more than half of them must run and reach each \
             other (ports 2888 and 3888 by default)",
        );
        return (Srvr::default(), vec![finding]);
    }
    let (version, mode) = (
        word::value(answer, "Zookeeper version", ':'),
        word::value(answer, "Mode", ':'),
    );
    let srvr = Srvr {
        mode: mode.map(str::to_owned),
    };
    let mode = match mode {
        Some(mode) => Finding::ok("mode", mode),
        None => Finding::warn(
            "mode",
            "the server's answer to srvr names no mode",
            "check that ZooKeeper's client port is meant, and not another program's",
        ),
    };
    (srvr, vec![judge_version(version), mode])
}

fn judge_version(text: Option<&str>) -> Finding {
    let version = text.and_then(|text| {
        let mut numbers = text.split(['.', '-', ',', ' ']).map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    // Only the number: what follows is the build.
    let shown = text.and_then(|text| text.split(['-', ',', ' ']).next());
    let shown = shown.unwrap_or_default();
    match version {
        None => Finding::warn(
            "version",
            format!(
                "the server names no version that can be read: {:?}",
                text.unwrap_or_default()
            ),
            "Dockeeper needs ZooKeeper 3.6 or later",
        ),
        Some(version) if version < VERSION_MIN => Finding::fail(
            "version",
            shown,
            "Dockeeper needs ZooKeeper 3.6 or later, for persistent watches and getEphemerals: \
             upgrade the server",
        ),
        Some(_) => Finding::ok("version", shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Status;

    fn statuses(answer: Option<&str>) -> Vec<(Status, &'static str)> {
        let (_, findings) = judge(answer);
        findings.iter().map(|f| (f.status, f.check)).collect()
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        for (version, status) in [
            ("3.8.0-${mvngit.commit.id}, built on 2024-12-29", Status::Ok),
            (
                "3.6.0--b4c89dc7f6083829e18fae6e446907ae0b1f22d7",
                Status::Ok,
            ),
            ("3.10.1", Status::Ok),
            ("4.0", Status::Ok),
            ("3.5.10-abc", Status::Fail),
            ("unknown", Status::Warn),
        ] {
            let answer = format!("Zookeeper version: {version}\nMode: leader\n");
            assert_eq!(statuses(Some(&answer))[0], (status, "version"), "{version}");
        }
        let (srvr, _) = judge(Some("Zookeeper version: 3.8.0-x\nMode: leader\n"));
        assert_eq!(srvr.mode.as_deref(), Some("leader"));
    }

    #[test]
    fn a_silent_server_is_no_failure_and_one_without_a_quorum_is() {
        assert_eq!(statuses(None), [(Status::Warn, "srvr")]);
        let answer = "This ZooKeeper instance is not currently serving requests\n";
        assert_eq!(statuses(Some(answer)), [(Status::Fail, "mode")]);
    }
}
