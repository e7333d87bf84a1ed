//! An app's values as files, in the formats that programs read.
//!
//! Every format gives back exactly the texts that were set. What a format cannot say is left out
//! of it with a comment, or written so that a reader which would take it for something else refuses
//! it; it is never changed.

mod env;
mod json;
mod properties;
mod yaml;

use crate::bundle::KEYS_NAME;
use bytes::Bytes;
use dockeeper_model::config::{FilePath, Key};
use std::collections::BTreeMap;

/// How a format is written.
type Write = fn(&BTreeMap<Key, String>) -> String;

const FORMATS: [(&str, Write); 4] = [
    ("env", env::write),
    ("json", json::write),
    ("properties", properties::write),
    ("yaml", yaml::write),
];

/// The files that show an app's values: `keys/<KEY>` with exactly the value's bytes, and all of them
/// in `keys.env`, `keys.json`, `keys.properties` and `keys.yaml`. None when there is no value.
pub fn files(keys: &BTreeMap<Key, String>) -> BTreeMap<FilePath, Bytes> {
    let single = keys
        .iter()
        .map(|(key, value)| (format!("{KEYS_NAME}/{key}"), value.clone()));
    let formats = FORMATS
        .iter()
        .filter(|_| !keys.is_empty())
        .map(|(name, write)| (format!("{KEYS_NAME}.{name}"), write(keys)));
    let all = single.chain(formats);
    all.map(|(path, content)| {
        // A key is a name of its own, and short enough.
        let path = path.parse().expect("a key is always a file's name");
        (path, Bytes::from(content))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_map, prelude::*};

    /// Any keys, with values of any characters, the awkward ones often.
    pub(super) fn any_keys() -> impl Strategy<Value = BTreeMap<Key, String>> {
        let key = "[A-Za-z_]([A-Za-z0-9_-]|\\.[a-z]){0,8}";
        let key = key.prop_map(|key| key.parse().unwrap());
        let awkward = prop::sample::select(
            " \t\n\r\u{c}\0\\'\"#!:=$`%~&;|<>*?()[]{}/@,+-_.az09\u{7f}\u{85}\u{a0}é\u{feff}\u{2028}\u{fffe}😀𐐷"
                .chars()
                .collect::<Vec<_>>(),
        );
        let character = prop_oneof![4 => awkward, 1 => any::<char>()];
        let value = prop::collection::vec(character, 0..12);
        let words =
            prop::sample::select(vec!["yes", "null", "1e3", "0o7", "~", "<<", "2001-01-01"]);
        let value = prop_oneof![
            9 => value.prop_map(String::from_iter),
            1 => words.prop_map(str::to_owned)
        ];
        btree_map(key, value, 0..6)
    }

    /// The keys and values that a reader found.
    pub(super) fn of<'a>(
        found: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> BTreeMap<Key, String> {
        let found = found.into_iter();
        found
            .map(|(key, value)| (key.parse().unwrap(), value.to_owned()))
            .collect()
    }

    #[test]
    fn each_value_is_a_file_of_exactly_its_bytes() {
        let files = files(&of([("CERT", "a\r\n\0é"), ("log.level", "")]));
        let names: Vec<_> = files.keys().map(FilePath::as_str).collect();
        let formats = ["keys.env", "keys.json", "keys.properties", "keys.yaml"];
        assert_eq!(names[..4], formats);
        assert_eq!(names[4..], ["keys/CERT", "keys/log.level"]);
        let cert = "keys/CERT".parse().unwrap();
        assert_eq!(files[&cert], "a\r\n\0é".as_bytes());
    }

    #[test]
    fn without_values_there_is_no_file() {
        assert_eq!(files(&BTreeMap::new()), BTreeMap::new());
    }
}
