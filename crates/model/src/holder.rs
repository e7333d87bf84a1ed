//! Who holds a lock or waits for it, as its znode says.

use crate::record::decode;
use serde::{Deserialize, Serialize};

/// The version of the record that this program writes. It goes up when a key changes its meaning,
/// not when one is added.
pub const VERSION: u32 = 1;

/// How many characters are shown of what another program wrote.
pub const TEXT_LEN_MAX: usize = 255;

/// Who holds a lock, a permit or a leadership, or waits for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// [`VERSION`] when it was written.
    pub version: u32,
    /// The machine's host name.
    pub host: String,
    /// Dockeeper's name of the host, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The container that it is for, if it is for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
    /// The process that contends, as its host numbers it: where an agent holds the session, the one
    /// that asked for it.
    pub pid: u32,
    /// What is run while it is held, if something is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// When it began to contend, in milliseconds since 1970.
    pub since_ms: i64,
    /// Since when it holds, if it does, in milliseconds since 1970; `None` where nobody tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_since_ms: Option<i64>,
}

/// A container that a lock is held for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its full id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Who a contender's znode says that it is. Each program writes what it likes: Curator the address
/// of its machine or a candidate's id, kazoo an identifier of its user's choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// One of Dockeeper's.
    Holder(Holder),
    /// A text of another program's, in one line and no longer than [`TEXT_LEN_MAX`] characters.
    Text(String),
    /// Nothing, or nothing that can be shown.
    Unknown,
}

// === impl Identity ===

impl Identity {
    /// Reads a contender's data.
    pub fn read(data: &[u8]) -> Self {
        if let Ok(holder) = decode::<Holder>(data)
            && holder.version == VERSION
        {
            return Self::Holder(holder);
        }
        let Ok(text) = str::from_utf8(data) else {
            return Self::Unknown;
        };
        let text = text.trim();
        if text.is_empty() {
            return Self::Unknown;
        }
        let is_shown = |c: char| !c.is_control();
        let line = text.chars().map(|c| if is_shown(c) { c } else { ' ' });
        Self::Text(line.take(TEXT_LEN_MAX).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode;
    use proptest::prelude::*;

    fn holder() -> Holder {
        Holder {
            version: VERSION,
            host: "h1.example".to_owned(),
            node: Some("h1".to_owned()),
            container: Some(Container {
                id: "0123".to_owned(),
                name: "web-1".to_owned(),
            }),
            pid: 42,
            command: vec!["backup".to_owned(), "--all".to_owned()],
            since_ms: 1_700_000_000_000,
            held_since_ms: Some(1_700_000_000_001),
        }
    }

    #[test]
    fn a_holder_is_read_as_it_was_written() {
        let least = Holder {
            node: None,
            container: None,
            command: Vec::new(),
            held_since_ms: None,
            ..holder()
        };
        for written in [holder(), least] {
            assert_eq!(Identity::read(&encode(&written)), Identity::Holder(written));
        }
    }

    #[test]
    fn the_keys_are_those_that_are_documented() {
        let written = String::from_utf8(encode(&holder())).unwrap();
        let expected = r#"{"version":1,"host":"h1.example","node":"h1","container":{"id":"0123","name":"web-1"},"pid":42,"command":["backup","--all"],"sinceMs":1700000000000,"heldSinceMs":1700000000001}"#;
        assert_eq!(written, expected);
    }

    #[test]
    fn a_key_that_came_later_does_no_harm_and_another_version_is_shown_as_text() {
        let later = r#"{"version":1,"host":"h","pid":1,"sinceMs":2,"mood":"good"}"#;
        assert!(matches!(
            Identity::read(later.as_bytes()),
            Identity::Holder(_)
        ));
        let other = later.replace("1,\"host", "2,\"host");
        assert_eq!(Identity::read(other.as_bytes()), Identity::Text(other));
    }

    #[test]
    fn what_others_write_is_text_or_unknown() {
        let text = |text: &str| Identity::Text(text.to_owned());
        assert_eq!(Identity::read(b"10.0.0.7"), text("10.0.0.7"));
        assert_eq!(Identity::read(b" a\n\x1b[31mb "), text("a  [31mb"));
        assert_eq!(Identity::read(b""), Identity::Unknown);
        assert_eq!(Identity::read(b"\n"), Identity::Unknown);
        assert_eq!(Identity::read(b"\xff\xfe"), Identity::Unknown);
        let long = "ä".repeat(TEXT_LEN_MAX * 2);
        assert_eq!(
            Identity::read(long.as_bytes()),
            text(&"ä".repeat(TEXT_LEN_MAX))
        );
    }

    proptest! {
        #[test]
        fn any_data_is_read(data: Vec<u8>) {
            Identity::read(&data);
        }
    }
}
