//! `keys.yaml`: one mapping, as YAML 1.1 and 1.2 both read it.
//!
//! Keys and values stand in double quotes, so that `on`, `null` and `1e3` stay texts to every
//! reader. What one of the versions does not print or takes for the end of a line is escaped, and
//! so is what lies beyond the basic plane, which some readers do not take.

use super::{BTreeMap, Key};
use std::fmt::Write;

pub(super) fn write(keys: &BTreeMap<Key, String>) -> String {
    let mut text = String::new();
    for (key, value) in keys {
        let value: String = value.chars().map(escaped).collect();
        writeln!(text, "\"{key}\": \"{value}\"").expect("a text takes any text");
    }
    text
}

fn escaped(c: char) -> String {
    let code = u32::from(c);
    match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        ' '..='~' => c.to_string(),
        _ if code > 0xffff => format!("\\U{code:08X}"),
        _ if c.is_alphanumeric() => c.to_string(),
        _ => format!("\\u{code:04X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests, *};
    use proptest::prelude::*;

    /// Reads lines of two scalars in double quotes (YAML 1.2.2, 7.3.1).
    fn read(text: &str) -> BTreeMap<Key, String> {
        let lines = text.lines();
        lines
            .map(|line| {
                let (key, value) = line.split_once(": ").unwrap();
                (scalar(key).parse().unwrap(), scalar(value))
            })
            .collect()
    }

    fn scalar(quoted: &str) -> String {
        let inner = quoted.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
        let mut chars = inner.chars();
        let mut text = String::new();
        while let Some(c) = chars.next() {
            let is_printable = c == ' ' || (c.is_alphanumeric() && c <= '\u{ffff}');
            assert!(is_printable || c.is_ascii_punctuation(), "{c:?}");
            if c != '\\' {
                assert_ne!(c, '"');
                text.push(c);
                continue;
            }
            let kind = chars.next().unwrap();
            let mut code = |digits| {
                let hex: String = chars.by_ref().take(digits).collect();
                char::from_u32(u32::from_str_radix(&hex, 16).unwrap()).unwrap()
            };
            text.push(match kind {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'u' => code(4),
                'U' => code(8),
                other => other,
            });
        }
        text
    }

    proptest! {
        #[test]
        fn is_read_as_it_was_set(keys in tests::any_keys()) {
            prop_assert_eq!(read(&write(&keys)), keys);
        }
    }

    #[test]
    fn a_word_stays_a_text() {
        let keys = tests::of([("on", "no"), ("y", "1e3"), ("z", "\u{2028}\u{1f600}\"")]);
        let text = "\"on\": \"no\"\n\"y\": \"1e3\"\n\"z\": \"\\u2028\\U0001F600\\\"\"\n";
        assert_eq!(write(&keys), text);
    }
}
