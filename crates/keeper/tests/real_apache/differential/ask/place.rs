/// Where Apache's server and the keeper have their quotas.
const QUOTAS: &str = "/zookeeper/quota";

/// A znode's place. Each run of a sequence has a root of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Below the root.
    Own(String),
    /// The quota of what is there below the root, or one of its two znodes.
    Quota(String),
    /// The path as it stands.
    Absolute(&'static str),
}

// === impl Place ===

impl Place {
    pub(crate) fn own(path: &str) -> Self {
        Self::Own(path.to_owned())
    }

    pub(crate) fn path(&self, root: &str) -> String {
        match self {
            Self::Own(path) => format!("{root}{path}"),
            Self::Quota(path) => format!("{QUOTAS}{root}{path}"),
            Self::Absolute(path) => (*path).to_owned(),
        }
    }
}
