//! A copy that would change what is copied.

use dockeeper_zk_client::{ConnectString, path};
use futures_util::future::{join, join_all};
use std::{collections::BTreeSet, net::SocketAddr, time::Duration};
use tokio::{net::lookup_host, time::timeout};

/// How the two would lie if both were one ZooKeeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlap {
    /// The target is a part of what is copied: the copy would never end.
    TargetInside,
    /// The source lies where something may be copied to: it could be written over.
    SourceInside,
}

/// Whether one of both would lie in the other if both were one ZooKeeper.
pub(super) fn overlap(from: &ConnectString, to: &ConnectString, path: &str) -> Option<Overlap> {
    let (from, to) = (top(from, path), top(to, path));
    if path::is_within(&to, &from) {
        Some(Overlap::TargetInside)
    } else if path::is_within(&from, &to) {
        Some(Overlap::SourceInside)
    } else {
        None
    }
}

/// The znode that a tree begins at, seen from the root of the whole one.
pub(super) fn top(end: &ConnectString, path: &str) -> String {
    match path {
        "/" => end.chroot().to_owned(),
        path => path::join(end.chroot(), path.trim_start_matches('/')),
    }
}

// === impl Overlap ===

impl Overlap {
    /// What a person is told.
    pub(super) fn why(self) -> &'static str {
        match self {
            Self::TargetInside => {
                "--to lies in what is copied from --from, at the same server: the copy would be \
                 copied"
            }
            Self::SourceInside => {
                "--from lies in what --to names, at the same server: the copy could be written \
                 over what is copied; copy to a znode beside it"
            }
        }
    }
}

/// Whether both name one ZooKeeper, as far as their addresses tell: a server has several names.
pub(super) async fn are_one(from: &ConnectString, to: &ConnectString, limit: Duration) -> bool {
    if from.hosts().iter().any(|host| to.hosts().contains(host)) {
        return true;
    }
    let (from, to) = join(addresses(from, limit), addresses(to, limit)).await;
    !from.is_disjoint(&to)
}

/// Names without an address are left out: whoever connects to them is told.
async fn addresses(servers: &ConnectString, limit: Duration) -> BTreeSet<SocketAddr> {
    let looked_up = servers.hosts().iter().map(|host| {
        let found = lookup_host((host.name.as_str(), host.port));
        timeout(limit, found)
    });
    let looked_up = join_all(looked_up).await;
    looked_up
        .into_iter()
        .flatten()
        .flatten()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_into_its_source_and_over_it_is_noticed() {
        for (from, to, path, expected) in [
            ("a/x", "a/x/y", "/", Some(Overlap::TargetInside)),
            ("a", "a", "/", Some(Overlap::TargetInside)),
            ("a", "a/x", "/", Some(Overlap::TargetInside)),
            ("a/x", "a/y", "/", None),
            ("a", "a/x", "/n", None),
            ("a", "a", "/n", Some(Overlap::TargetInside)),
            ("a", "a/n/x", "/n", Some(Overlap::TargetInside)),
            ("a/o/src", "a/o", "/", Some(Overlap::SourceInside)),
            ("a/o", "a", "/", Some(Overlap::SourceInside)),
            ("a/x", "a", "/n", None),
            ("a/n/x", "a", "/n", Some(Overlap::SourceInside)),
        ] {
            let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
            assert_eq!(overlap(&from, &to, path), expected, "{from} {to} {path}");
        }
    }

    #[tokio::test]
    async fn one_server_under_two_names_is_noticed() {
        for (from, to, expected) in [
            ("127.0.0.1:7", "localhost:7", true),
            ("192.0.2.1:7,127.0.0.1:7", "127.0.0.1:7,192.0.2.2:7", true),
            ("127.0.0.1:7", "localhost:8", false),
            ("127.0.0.1:7", "192.0.2.1:7", false),
        ] {
            let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
            let is_one = are_one(&from, &to, Duration::from_secs(20)).await;
            assert_eq!(is_one, expected, "{from} {to}");
        }
    }
}
