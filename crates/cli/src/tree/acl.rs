//! Access control lists as people write them: `SCHEME:ID:PERMS`.

use dockeeper_zk_client::{Acl, perms};
use std::{fmt, str::FromStr};

/// The letters of permissions, in the order in which ZooKeeper's own tools show them.
const LETTERS: [(char, i32); 5] = [
    ('c', perms::CREATE),
    ('d', perms::DELETE),
    ('r', perms::READ),
    ('w', perms::WRITE),
    ('a', perms::ADMIN),
];

/// What a server shows of a digest in place of the hash, to those who lack ADMIN.
const MASKED: &str = ":x";

/// One entry of an access control list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry(pub(crate) Acl);

/// A server shows the hash in a digest only to those who may change the list. Half a list would
/// lock everybody out of the copy.
#[derive(Debug, thiserror::Error)]
#[error("a part of the access control list of {path} is hidden from those who lack ADMIN there")]
pub(crate) struct Masked {
    /// As the client knows it.
    pub(crate) path: String,
}

/// Permissions as letters.
pub(crate) fn letters(perms: i32) -> String {
    let allowed = LETTERS.iter().filter(|(_, bit)| perms & bit != 0);
    allowed.map(|(letter, _)| *letter).collect()
}

/// The permissions of letters.
pub(crate) fn perms(letters: &str) -> Result<i32, String> {
    letters.chars().try_fold(0, |perms, letter| {
        let known = LETTERS.iter().find(|(known, _)| *known == letter);
        match known {
            Some((_, bit)) => Ok(perms | bit),
            None => Err(format!(
                "{letter:?} is none of the permissions c, d, r, w and a"
            )),
        }
    })
}

/// Whether a server has hidden a part of it.
pub(crate) fn is_masked(acl: &[Acl]) -> bool {
    acl.iter()
        .any(|entry| entry.id.scheme == "digest" && entry.id.id.ends_with(MASKED))
}

// === impl Entry ===

impl FromStr for Entry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once(':').and_then(|(scheme, rest)| {
            let (id, letters) = rest.rsplit_once(':')?;
            Some((scheme, id, letters))
        });
        let Some((scheme, id, letters)) = parts.filter(|(scheme, ..)| !scheme.is_empty()) else {
            return Err("it is not SCHEME:ID:PERMS, as world:anyone:r or auth::cdrwa".to_owned());
        };
        match perms(letters)? {
            0 => Err("it allows nothing: PERMS are some of the letters cdrwa".to_owned()),
            perms => Ok(Self(Acl::new(perms, scheme, id))),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Acl { perms, id } = &self.0;
        write!(f, "{}:{}:{}", id.scheme, id.id, letters(*perms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_they_are_written() {
        for text in [
            "world:anyone:r",
            "auth::cdrwa",
            "digest:me:aGFzaA==:rw",
            "ip:10.0.0.0/8:cd",
        ] {
            assert_eq!(text.parse::<Entry>().unwrap().to_string(), text);
        }
        let entry = "x509:CN=a,O=b:a".parse::<Entry>().unwrap();
        assert_eq!(entry.0, Acl::new(perms::ADMIN, "x509", "CN=a,O=b"));
        for bad in [
            "",
            "world",
            "world:anyone",
            "world:anyone:",
            "world:anyone:x",
            ":a:r",
        ] {
            assert!(bad.parse::<Entry>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_hidden_hash_is_noticed() {
        assert!(is_masked(&[Acl::new(31, "digest", "me:x")]));
        assert!(!is_masked(&[Acl::new(31, "digest", "me:aGFzaA==")]));
        assert!(!is_masked(&[
            Acl::new(31, "world", "anyone"),
            Acl::new(1, "sasl", "a:x")
        ]));
    }
}
