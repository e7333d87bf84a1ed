//! All values of an app as one text that a person can edit: a table in TOML.

use crate::exit::Failure;
use dockeeper_model::config::Key;
use std::{collections::BTreeMap, fmt::Write};

/// The values, a line each; those of several lines have them as they are.
pub(super) fn write(values: &BTreeMap<Key, String>) -> String {
    let mut text = String::new();
    for (key, value) in values {
        // A bare dot would make tables.
        let key = match key.as_str().contains('.') {
            true => format!("\"{key}\""),
            false => key.to_string(),
        };
        let value = match is_literal(value) {
            true => format!("'''\n{value}'''"),
            false => quoted(value),
        };
        writeln!(text, "{key} = {value}").expect("writing to a String never fails");
    }
    text
}

/// The values of such a text.
pub(super) fn read(text: &str) -> Result<BTreeMap<Key, String>, Failure> {
    toml::from_str(text).map_err(|why| {
        Failure::usage(format!(
            "these are no values, a line each as in LEVEL = \"info\": {why}"
        ))
    })
}

/// Whether a value can stand as it is between `'''`: one of several lines, for which that is easier
/// to read.
fn is_literal(value: &str) -> bool {
    let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    value.contains('\n')
        && !value.contains("''")
        && !value.ends_with('\'')
        && !value.contains(is_odd)
}

/// As a basic string of TOML.
fn quoted(value: &str) -> String {
    let mut text = String::from("\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            c if c.is_control() => {
                write!(text, "\\u{:04X}", u32::from(c)).expect("writing to a String never fails");
            }
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_map, prelude::*};

    proptest! {
        #[test]
        fn values_are_read_as_they_were_written(
            values in btree_map("[A-Za-z_][A-Za-z0-9_-]{0,4}(\\.[a-z]){0,2}", "[\\PC\n\r\t'\"\\\\\u{0}\u{7f}]{0,12}", 0..5)
        ) {
            let values: BTreeMap<Key, String> =
                values.into_iter().map(|(key, value)| (key.parse().unwrap(), value)).collect();
            prop_assert_eq!(read(&write(&values)).unwrap(), values);
        }
    }

    #[test]
    fn several_lines_stay_lines() {
        let values = [("A.b".parse().unwrap(), "one\ntwo".to_owned())].into();
        assert_eq!(write(&values), "\"A.b\" = '''\none\ntwo'''\n");
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for bad in [
            "A",
            "A = 1",
            "a.b = \"x\"",
            "\"a/b\" = \"x\"",
            "A = \"x\"\nA = \"y\"",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
