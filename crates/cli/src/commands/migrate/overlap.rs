//! A copy into what is copied, which would never end.

use dockeeper_zk_client::{ConnectString, path};
use futures_util::future::{join, join_all};
use std::{collections::BTreeSet, net::SocketAddr, time::Duration};
use tokio::{net::lookup_host, time::timeout};

/// Whether the target would be a part of what is copied if both were one ZooKeeper.
pub(super) fn overlap(from: &ConnectString, to: &ConnectString, path: &str) -> bool {
    let top = |end: &ConnectString| match path {
        "/" => end.chroot().to_owned(),
        path => path::join(end.chroot(), path.trim_start_matches('/')),
    };
    path::is_within(&top(to), &top(from))
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
    fn a_copy_into_its_source_is_noticed() {
        for (from, to, path, expected) in [
            ("a/x", "a/x/y", "/", true),
            ("a", "a", "/", true),
            ("a", "a/x", "/", true),
            ("a/x", "a/y", "/", false),
            ("a", "a/x", "/n", false),
            ("a", "a", "/n", true),
            ("a", "a/n/x", "/n", true),
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
