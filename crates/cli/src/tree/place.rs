use crate::zookeeper::Session;
use dockeeper_zk_client::{Client, path};

/// What ZooKeeper keeps for itself, seen from the root of the whole tree.
pub(crate) const RESERVED: &str = "/zookeeper";

/// A tree at a server.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) client: Client,
    /// What stands before a path of this tree for the client; empty for nothing.
    prefix: String,
    /// The znode that the tree begins at, seen from the root of the whole tree.
    root: String,
}

// === impl Place ===

impl Place {
    /// All that a session sees.
    pub(crate) fn of(session: &Session) -> Self {
        Self {
            client: session.client.clone(),
            prefix: String::new(),
            root: session.servers.chroot().to_owned(),
        }
    }

    /// The tree at `root`, which need not be there yet, of a session that sees everything.
    pub(crate) fn at(session: &Session, root: &str) -> Self {
        Self {
            client: session.client.clone(),
            prefix: root.strip_suffix('/').unwrap_or(root).to_owned(),
            root: root.to_owned(),
        }
    }

    /// A path of this tree as the client takes it.
    pub(crate) fn client_path(&self, path: &str) -> String {
        below(&self.prefix, path)
    }

    /// A path as the client knows it, as one of this tree.
    pub(crate) fn tree_path<'a>(&self, client_path: &'a str) -> &'a str {
        without(&self.prefix, client_path)
    }

    /// Whether a path is ZooKeeper's own.
    pub(crate) fn is_reserved(&self, path: &str) -> bool {
        is_reserved(&self.root, path)
    }
}

/// Whether a path below a chroot is ZooKeeper's own.
pub(crate) fn is_reserved(root: &str, path: &str) -> bool {
    let root = root.strip_suffix('/').unwrap_or(root);
    path::is_within(&below(root, path), RESERVED)
}

fn below(prefix: &str, path: &str) -> String {
    match (prefix, path) {
        ("", path) => path.to_owned(),
        (prefix, "/") => prefix.to_owned(),
        (prefix, path) => format!("{prefix}{path}"),
    }
}

fn without<'a>(prefix: &str, client_path: &'a str) -> &'a str {
    match client_path.strip_prefix(prefix) {
        Some("") => "/",
        Some(path) if path.starts_with('/') => path,
        Some(_) | None => client_path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_mapped_both_ways() {
        for (prefix, path, client_path) in [
            ("", "/", "/"),
            ("", "/a", "/a"),
            ("/app", "/", "/app"),
            ("/app", "/a", "/app/a"),
        ] {
            assert_eq!(below(prefix, path), client_path);
            assert_eq!(without(prefix, client_path), path);
        }
        assert_eq!(without("/app", "/apple"), "/apple");
    }

    #[test]
    fn zookeepers_own_is_told_from_a_name_like_it() {
        for (root, path, expected) in [
            ("/", "/zookeeper", true),
            ("/", "/zookeeper/quota", true),
            ("/", "/zookeepers", false),
            ("/", "/", false),
            ("/app", "/zookeeper", false),
            ("/zookeeper", "/", true),
        ] {
            assert_eq!(is_reserved(root, path), expected, "{root} {path}");
        }
    }
}
