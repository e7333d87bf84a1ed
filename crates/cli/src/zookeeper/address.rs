use dockeeper_model::layout::CHROOT_DEFAULT;
use dockeeper_zk_client::{ConnectString, connect_string::Invalid};
use std::str::FromStr;

/// Where the keeper of this machine listens unless it is told otherwise, `dockeeper dev`'s too.
pub(crate) const LOCAL: &str = "127.0.0.1:2181";

/// Where ZooKeeper is and below which znode Dockeeper lives there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// For Dockeeper's own data.
    pub(crate) home: ConnectString,
    /// For whatever lies in ZooKeeper: without a chroot unless one is given.
    pub(crate) tree: ConnectString,
    /// Nobody has given it: it is [`LOCAL`].
    pub(crate) is_default: bool,
}

// === impl Address ===

impl Address {
    /// Where commands look that only read, when nobody says where ZooKeeper is.
    pub(crate) fn local() -> Self {
        let local: Self = LOCAL.parse().expect("the constant is an address");
        Self {
            is_default: true,
            ..local
        }
    }
}

impl FromStr for Address {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let tree: ConnectString = text.trim().parse()?;
        // A bare slash asks for the root of the tree, which the parsed string does not tell from
        // no chroot at all.
        let home = if text.contains('/') {
            tree.clone()
        } else {
            tree.with_chroot(CHROOT_DEFAULT)?
        };
        Ok(Self {
            home,
            tree,
            is_default: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_chroot_is_not_the_root() {
        for (text, home, tree) in [
            ("zk1", "/dockeeper", "/"),
            ("zk1:2181,zk2 ", "/dockeeper", "/"),
            ("zk1/", "/", "/"),
            ("zk1,zk2:1/a/b", "/a/b", "/a/b"),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(
                (address.home.chroot(), address.tree.chroot()),
                (home, tree),
                "{text}"
            );
        }
        for bad in ["", "/dockeeper", "zk1:x", "zk1/a/", "http://zk1"] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }
}
