use dockeeper_zk_proto::path;

/// The znode that a client takes for the root.
#[derive(Clone, Debug)]
pub(crate) struct Chroot {
    /// Empty for the server's own root.
    prefix: String,
}

// === impl Chroot ===

impl Chroot {
    pub(crate) fn new(chroot: &str) -> Self {
        Self {
            prefix: chroot.strip_suffix('/').unwrap_or(chroot).to_owned(),
        }
    }

    /// The server's path of one of the client's.
    pub(crate) fn to_server(&self, path: &str) -> String {
        path::whole(&self.prefix, path)
    }

    /// The client's path of one of the server's; `None` for one outside the chroot.
    pub(crate) fn to_client<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.prefix.is_empty() {
            return Some(path);
        }
        if !path::is_within(path, &self.prefix) {
            return None;
        }
        match &path[self.prefix.len()..] {
            "" => Some("/"),
            rest => Some(rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_paths_both_ways() {
        for (chroot, client, server) in [
            ("/", "/", "/"),
            ("/", "/a/b", "/a/b"),
            ("/c/d", "/", "/c/d"),
            ("/c/d", "/a", "/c/d/a"),
        ] {
            let chroot = Chroot::new(chroot);
            assert_eq!(chroot.to_server(client), server);
            assert_eq!(chroot.to_client(server), Some(client));
        }
    }

    #[test]
    fn a_path_outside_is_none_of_the_clients() {
        let chroot = Chroot::new("/c");
        assert_eq!(chroot.to_client("/cd"), None);
        assert_eq!(chroot.to_client("/"), None);
    }
}
