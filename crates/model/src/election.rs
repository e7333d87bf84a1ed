//! A container's part in an election, as readers see it.

use crate::LockName;
use serde::{Deserialize, Serialize};

/// A container's part in an election.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ElectionStatus {
    /// The election.
    pub name: LockName,
    /// What the container is in it.
    pub role: Role,
    /// The leader's fencing token; each later leader's is higher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<i64>,
    /// Why it does not stand; `None` when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<String>,
}

/// What a container is in an election.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// It leads, and has been told so.
    Leader,
    /// It waits for its turn, or is just being told that it leads.
    Candidate,
    /// It does not stand. What an agent of another version says beyond these is read as this.
    #[default]
    #[serde(other)]
    None,
}

// === impl ElectionStatus ===

impl ElectionStatus {
    /// A container that does not stand.
    pub fn withheld(name: LockName, why: impl Into<String>) -> Self {
        Self {
            name,
            role: Role::None,
            token: None,
            withheld: Some(why.into()),
        }
    }
}

// === impl Role ===

impl Role {
    /// The role as records have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Candidate => "candidate",
            Self::None => "none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decode, encode};

    #[test]
    fn a_role_is_written_as_it_is_called() {
        for role in [Role::Leader, Role::Candidate, Role::None] {
            assert_eq!(encode(&role), format!("{:?}", role.as_str()).into_bytes());
        }
    }

    #[test]
    fn a_role_that_came_later_does_no_harm() {
        let status = ElectionStatus {
            name: "orders".parse().unwrap(),
            role: Role::Leader,
            token: Some(7),
            withheld: None,
        };
        let written = String::from_utf8(encode(&status)).unwrap();
        assert_eq!(written, r#"{"name":"orders","role":"leader","token":7}"#);
        let later = written.replace("leader", "regent");
        let read: ElectionStatus = decode(later.as_bytes()).unwrap();
        assert_eq!(read.role, Role::None);
    }
}
