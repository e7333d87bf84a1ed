//! `keys.properties`, as Java's `Properties.load` reads it: from a stream as ISO 8859-1, so that
//! only ASCII stands in it, and from a reader alike.

use super::{BTreeMap, Key};
use std::fmt::Write;

pub(super) fn write(keys: &BTreeMap<Key, String>) -> String {
    let mut text = String::new();
    for (key, value) in keys {
        // A key has none of the characters that end it or have a meaning in it.
        writeln!(text, "{key}={}", escaped(value)).expect("a text takes any text");
    }
    text
}

fn escaped(value: &str) -> String {
    let mut text = String::new();
    for c in value.chars() {
        match c {
            // In front of a value, spaces are skipped.
            ' ' if text.is_empty() => text.push_str("\\ "),
            '\\' => text.push_str("\\\\"),
            ' '..='~' => text.push(c),
            _ => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    write!(text, "\\u{unit:04x}").expect("a text takes any text");
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{super::tests, *};
    use proptest::prelude::*;

    /// Reads what has one property a line, as the documentation of `Properties.load` says.
    fn read(text: &str) -> BTreeMap<Key, String> {
        assert!(text.is_ascii(), "{text}");
        let lines = text.lines();
        lines
            .map(|line| {
                let end = line.find(['=', ':', ' ', '\t', '\u{c}']).unwrap();
                let value = line[end..].trim_start_matches([' ', '\t', '\u{c}']);
                let value = value.strip_prefix(['=', ':']).unwrap_or(value);
                let value = value.trim_start_matches([' ', '\t', '\u{c}']);
                (line[..end].parse().unwrap(), unescaped(value))
            })
            .collect()
    }

    fn unescaped(value: &str) -> String {
        let mut units = Vec::<u16>::new();
        let mut chars = value.chars();
        while let Some(c) = chars.next() {
            let escape = if c == '\\' { chars.next() } else { None };
            if escape == Some('u') {
                let hex: String = chars.by_ref().take(4).collect();
                units.push(u16::from_str_radix(&hex, 16).unwrap());
            } else {
                units.push(u16::try_from(u32::from(escape.unwrap_or(c))).unwrap());
            }
        }
        String::from_utf16(&units).unwrap()
    }

    proptest! {
        #[test]
        fn is_read_as_it_was_set(keys in tests::any_keys()) {
            prop_assert_eq!(read(&write(&keys)), keys);
        }
    }

    #[test]
    fn is_escaped_as_java_wants_it() {
        let keys = tests::of([("a.b", "  #=:\\u00e9"), ("c", "é\u{1f600}\n")]);
        let text = "a.b=\\  #=:\\\\u00e9\nc=\\u00e9\\ud83d\\ude00\\u000a\n";
        assert_eq!(write(&keys), text);
    }
}
