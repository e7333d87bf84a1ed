//! Whether the servers belong together.

use super::{
    finding::Finding,
    report::{ENSEMBLE, Report},
    server::Examined,
};

/// Judges what the servers say of themselves together.
pub(super) fn judge(servers: &[Examined], report: &mut Report) -> anyhow::Result<()> {
    let modes: Vec<_> = servers.iter().filter_map(|s| s.mode.as_deref()).collect();
    match finding(servers.len(), &modes) {
        Some(finding) => report.add(ENSEMBLE, finding),
        None => Ok(()),
    }
}

fn finding(servers: usize, modes: &[&str]) -> Option<Finding> {
    let count = |wanted| modes.iter().filter(|mode| **mode == wanted).count();
    let (alone, leaders) = (count("standalone"), count("leader"));
    if modes.is_empty() || servers < 2 {
        return None;
    }
    if alone > 0 && modes.len() > 1 {
        return Some(Finding::fail(
            "ensemble",
            format!("{alone} of the servers are standalone: they hold different data"),
            "give the servers of one ensemble in --zk, each with the same server.N lines in zoo.cfg",
        ));
    }
    if leaders > 1 {
        return Some(Finding::fail(
            "ensemble",
            format!("{leaders} servers lead: they are of different ensembles"),
            "give the servers of one ensemble in --zk",
        ));
    }
    let leader = match leaders {
        1 => "one of them the leader",
        _ => "none of them the leader",
    };
    let found = match alone {
        0 => format!("{} of {servers} servers serve, {leader}", modes.len()),
        _ => format!("1 of {servers} servers serves, and it is standalone"),
    };
    Some(if modes.len() == servers {
        Finding::ok("ensemble", found)
    } else {
        Finding::warn(
            "ensemble",
            found,
            "see above what the others lack: more than half of an ensemble must run",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Status;

    #[test]
    fn servers_of_different_ensembles_are_told_apart() {
        let status = |servers, modes: &[&str]| finding(servers, modes).map(|f| f.status);
        assert_eq!(status(1, &["standalone"]), None);
        assert_eq!(status(3, &[]), None);
        assert_eq!(
            status(3, &["leader", "follower", "follower"]),
            Some(Status::Ok)
        );
        assert_eq!(status(3, &["leader", "follower"]), Some(Status::Warn));
        assert_eq!(status(2, &["standalone", "standalone"]), Some(Status::Fail));
        assert_eq!(status(2, &["leader", "leader"]), Some(Status::Fail));
    }
}
