use dockeeper_model::NodeName;
use std::fmt;

/// Who has a znode that this host wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    /// The session that owns the znode; 0 when it is nobody's ephemeral.
    pub(super) session: i64,
    /// The node whose instance it is, where it says so.
    pub(super) node: Option<NodeName>,
}

// === impl Holder ===

impl Holder {
    /// Why the instance with this znode cannot be found, for people.
    pub(super) fn why(&self, path: &str) -> String {
        format!("{self} holds this id: {path} is {}", Owner(self.session))
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            Some(node) => write!(f, "another node's instance (on {node})"),
            None => f.write_str("something that is none of Dockeeper's"),
        }
    }
}

struct Owner(i64);

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("a persistent znode, which somebody has to delete"),
            session => write!(f, "owned by session {session:#x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_who_and_what_to_look_at() {
        let mut holder = Holder {
            session: 0x1234,
            node: Some("h2".parse().unwrap()),
        };
        assert_eq!(
            holder.why("/services/web/1"),
            "another node's instance (on h2) holds this id: /services/web/1 is owned by session \
             0x1234"
        );
        holder.node = None;
        holder.session = 0;
        assert_eq!(
            holder.why("/services/web/1"),
            "something that is none of Dockeeper's holds this id: /services/web/1 is a persistent \
             znode, which somebody has to delete"
        );
    }
}
