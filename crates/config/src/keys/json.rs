//! `keys.json`: one object.

use super::{BTreeMap, Key};

pub(super) fn write(keys: &BTreeMap<Key, String>) -> String {
    let text = serde_json::to_string_pretty(keys).expect("texts are always JSON");
    format!("{text}\n")
}

#[cfg(test)]
mod tests {
    use super::{super::tests, *};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn is_read_as_it_was_set(keys in tests::any_keys()) {
            let read: BTreeMap<Key, String> = serde_json::from_str(&write(&keys)).unwrap();
            prop_assert_eq!(read, keys);
        }
    }
}
