//! A znode as a line of a file: an object in JSON.

use super::{
    acl,
    node::{Kind, Node},
};
use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use dockeeper_zk_client::{Acl, path};
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use std::time::Duration;

const EXPECTED: &str = "\
an object as `zk export` writes it: {\"path\":\"/a\",\"data\":\"BASE64\"}, with acl, kind and ttlMs \
where they are needed";

/// The keys of a line stay: files outlive programs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    path: String,
    /// In base64.
    data: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acl: Option<Vec<Entry>>,
    #[serde(default, skip_serializing_if = "Kept::is_persistent")]
    kind: Kept,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl_ms: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    scheme: String,
    id: String,
    /// Some of the letters `cdrwa`.
    perms: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kept {
    #[default]
    Persistent,
    Container,
    Ttl,
}

/// The line of a znode, with its end.
pub(crate) fn write(node: &Node) -> anyhow::Result<String> {
    let (kind, ttl_ms) = match node.kind {
        Kind::Persistent => (Kept::Persistent, None),
        Kind::Container => (Kept::Container, None),
        Kind::Ttl(ttl) => (Kept::Ttl, u64::try_from(ttl.as_millis()).ok()),
    };
    let entry = |entry: &Acl| Entry {
        scheme: entry.id.scheme.clone(),
        id: entry.id.id.clone(),
        perms: acl::letters(entry.perms),
    };
    let line = Line {
        path: node.path.clone(),
        data: BASE64.encode(&node.data),
        acl: node.acl.as_ref().map(|acl| acl.iter().map(entry).collect()),
        kind,
        ttl_ms,
    };
    crate::output::json::line(&line)
}

/// The znode of a line.
pub(crate) fn read(text: &str) -> anyhow::Result<Node> {
    let line: Line = serde_json::from_str(text).map_err(|error| not_a_line(&error))?;
    path::validate(&line.path).with_context(|| format!("the path {:?}", line.path))?;
    let kind = match (line.kind, line.ttl_ms) {
        (Kept::Persistent, None) => Kind::Persistent,
        (Kept::Container, None) => Kind::Container,
        (Kept::Ttl, Some(ms)) => Kind::Ttl(Duration::from_millis(ms)),
        (Kept::Ttl, None) => anyhow::bail!("the kind ttl needs a ttlMs"),
        (_, Some(_)) => anyhow::bail!("a ttlMs belongs to the kind ttl"),
    };
    let entry = |entry: Entry| -> anyhow::Result<Acl> {
        let perms = acl::perms(&entry.perms).map_err(anyhow::Error::msg)?;
        Ok(Acl::new(perms, entry.scheme, entry.id))
    };
    let acl = line.acl.map(|acl| acl.into_iter().map(entry).collect());
    Ok(Node {
        data: Bytes::from(
            BASE64
                .decode(&line.data)
                .context("the data are not in base64")?,
        ),
        path: line.path,
        acl: acl.transpose()?,
        kind,
    })
}

/// What is wrong with the text, by its column alone: its line is that of a file.
fn not_a_line(error: &serde_json::Error) -> anyhow::Error {
    let column = error.column();
    let text = error.to_string();
    let wrong = match (error.classify(), text.rsplit_once(" at line ")) {
        (Category::Data, Some((wrong, _))) => wrong,
        _ => "it is no JSON object",
    };
    anyhow::anyhow!("{wrong} (at column {column}); expected {EXPECTED}")
}

// === impl Kept ===

impl Kept {
    fn is_persistent(&self) -> bool {
        *self == Self::Persistent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written() {
        let node = |kind, acl| Node {
            path: "/a b/ü".to_owned(),
            data: Bytes::from_static(&[0, 255, 10]),
            acl,
            kind,
        };
        let acl = Some(vec![
            Acl::new(31, "digest", "me:aGFzaA=="),
            Acl::new(1, "world", "anyone"),
        ]);
        let text = write(&node(Kind::Persistent, acl.clone())).unwrap();
        let expected = "{\"path\":\"/a b/ü\",\"data\":\"AP8K\",\"acl\":[\
            {\"scheme\":\"digest\",\"id\":\"me:aGFzaA==\",\"perms\":\"cdrwa\"},\
            {\"scheme\":\"world\",\"id\":\"anyone\",\"perms\":\"r\"}]}\n";
        assert_eq!(text, expected);
        for kind in [
            Kind::Persistent,
            Kind::Container,
            Kind::Ttl(Duration::from_secs(7)),
        ] {
            for acl in [acl.clone(), None] {
                let node = node(kind, acl);
                assert_eq!(read(&write(&node).unwrap()).unwrap(), node);
            }
        }
    }

    #[test]
    fn a_line_that_is_wrong_says_why() {
        for (text, why) in [
            (
                "x",
                "it is no JSON object (at column 1); expected an object",
            ),
            (r#"{"path":"/a","#, "it is no JSON object"),
            (
                r#"{"path":"/a"}"#,
                "missing field `data` (at column 13); expected an object",
            ),
            (r#"{"path":7}"#, "integer `7`, expected a string"),
            (r#"{"path":"a","data":""}"#, "the path \"a\""),
            (r#"{"path":"/a","data":"?"}"#, "not in base64"),
            (r#"{"path":"/a","data":"","kind":"ttl"}"#, "needs a ttlMs"),
            (
                r#"{"path":"/a","data":"","ttlMs":7}"#,
                "belongs to the kind ttl",
            ),
            (
                r#"{"path":"/a","data":"","acl":[{"scheme":"s","id":"","perms":"x"}]}"#,
                "'x'",
            ),
            (r#"{"path":"/a","data":"","more":1}"#, "unknown field"),
        ] {
            let error = format!("{:#}", read(text).unwrap_err());
            assert!(error.contains(why), "{text}: {error}");
            assert!(!error.contains("line 1"), "{text}: {error}");
        }
    }
}
