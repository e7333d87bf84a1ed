use dockeeper_model::layout::CHROOT_DEFAULT;
use dockeeper_zk_client::{ConnectString, connect_string::Invalid};
use std::str::FromStr;

/// Where ZooKeeper is and below which znode Dockeeper lives there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) ConnectString);

impl FromStr for Address {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let servers: ConnectString = text.trim().parse()?;
        // A bare slash asks for the root of the tree, which the parsed string does not tell from
        // no chroot at all.
        if text.contains('/') {
            return Ok(Self(servers));
        }
        servers.with_chroot(CHROOT_DEFAULT).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_chroot_is_not_the_root() {
        for (text, chroot) in [
            ("zk1", "/dockeeper"),
            ("zk1:2181,zk2 ", "/dockeeper"),
            ("zk1/", "/"),
            ("zk1,zk2:1/a/b", "/a/b"),
        ] {
            assert_eq!(
                text.parse::<Address>().unwrap().0.chroot(),
                chroot,
                "{text}"
            );
        }
        for bad in ["", "/dockeeper", "zk1:x", "zk1/a/", "http://zk1"] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }
}
