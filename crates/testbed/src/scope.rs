//! Which of the machine's named things belong to a node or to a testbed.

use crate::node::Node;

/// Tells by their names the network namespaces and control groups of one node or of a whole
/// testbed.
#[derive(Debug, Clone)]
pub(crate) enum Scope {
    /// Those with exactly this name.
    Node(String),
    /// Those whose name begins with this.
    Testbed(String),
}

impl Scope {
    /// `None` for the caller, who has nothing of his own.
    pub(crate) fn node(node: &Node) -> Option<Self> {
        node.id().map(|id| Self::Node(id.to_owned()))
    }

    pub(crate) fn testbed(name: &str) -> Self {
        Self::Testbed(format!("{name}-"))
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        match self {
            Self::Node(id) => name == id,
            Self::Testbed(prefix) => name.starts_with(prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_testbed_does_not_contain_one_with_a_longer_number() {
        let scope = Scope::testbed("dktb1");
        assert!(scope.contains("dktb1-h1"));
        assert!(!scope.contains("dktb12-h1"));
        assert!(!Scope::Node("dktb1-h1".into()).contains("dktb1-h12"));
    }
}
