//! `keys.env`, for `docker run --env-file` and for a shell's `.`.
//!
//! The two agree on a line without quotes only: to Docker, quotes belong to the value. So a value
//! that all readers take for the same stands as it is, and any other in the shell's quotes behind
//! `export`: a shell and the readers of `.env` files know that word, and Docker refuses the file,
//! naming the line, rather than take the quotes for a part of the value.

use super::{BTreeMap, Key};
use crate::shell::quote;
use std::fmt::Write;

pub(super) fn write(keys: &BTreeMap<Key, String>) -> String {
    let mut text = String::new();
    for (key, value) in keys {
        let line = if !is_variable(key) {
            writeln!(text, "# {key} is left out: a shell has no such variable")
        } else if value.contains('\0') {
            writeln!(
                text,
                "# {key} is left out: no variable holds the character NUL"
            )
        } else if value.chars().all(is_plain) {
            writeln!(text, "{key}={value}")
        } else {
            writeln!(text, "export {key}={}", quoted(value))
        };
        line.expect("a text takes any text");
    }
    text
}

/// A value in the shell's quotes. Readers of `.env` files know no quote in single quotes, so that
/// one stands in double quotes, where nothing else of the value has a meaning in them.
fn quoted(value: &str) -> String {
    if value.contains('\'') && !value.contains(['"', '$', '`', '\\']) {
        return format!("\"{value}\"");
    }
    quote(value)
}

fn is_variable(key: &Key) -> bool {
    // A shell sets `_` itself, all the time.
    if key.as_str() == "_" {
        return false;
    }
    // The first is no digit.
    let mut bytes = key.as_str().bytes();
    bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a character means itself, wherever it stands in a value, to Docker, to every shell, to
/// systemd and to the readers of `.env` files.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || "_./:@%+,=-".contains(c)
}

#[cfg(test)]
mod tests {
    use super::{super::tests, *};
    use proptest::prelude::*;

    /// What a shell makes of assignments that are plain or in quotes, read character by character
    /// (POSIX, "Shell Command Language", 2.2); `None` for anything else.
    fn sourced(text: &str) -> Option<BTreeMap<Key, String>> {
        let mut found = BTreeMap::new();
        let mut chars = text.chars().peekable();
        while chars.peek().is_some() {
            let mut word = String::new();
            let mut quote = None;
            while let Some(c) = chars.next() {
                match c {
                    _ if quote == Some(c) => quote = None,
                    '"' | '$' | '`' | '\\' if quote == Some('"') => return None,
                    _ if quote.is_some() => word.push(c),
                    '\'' | '"' => quote = Some(c),
                    '\n' => break,
                    '\\' => word.push(chars.next()?),
                    ' ' if word == "export" => word.clear(),
                    '#' if word.is_empty() => {
                        chars.by_ref().find(|c| *c == '\n')?;
                        break;
                    }
                    _ if is_plain(c) => word.push(c),
                    _ => return None,
                }
            }
            if let Some((key, value)) = word.split_once('=') {
                found.insert(key.parse().ok()?, value.to_owned());
            }
        }
        Some(found)
    }

    /// What Docker makes of a file of variables, `None` where it refuses: lines, comments, and
    /// names without white space.
    fn docker(text: &str) -> Option<BTreeMap<Key, String>> {
        let lines = text.split('\n').filter(|line| !line.is_empty());
        let lines = lines.filter(|line| !line.starts_with('#'));
        lines
            .map(|line| {
                let (key, value) = line.split_once('=')?;
                Some((key.parse().ok()?, value.to_owned()))
            })
            .collect()
    }

    proptest! {
        #[test]
        fn a_shell_reads_what_was_set_and_docker_the_same_or_nothing(keys in tests::any_keys()) {
            let text = write(&keys);
            let mut shown = keys;
            shown.retain(|key, value| is_variable(key) && !value.contains('\0'));
            let is_plain = shown.values().all(|value| value.chars().all(is_plain));
            prop_assert_eq!(docker(&text), is_plain.then(|| shown.clone()));
            prop_assert_eq!(sourced(&text), Some(shown));
        }
    }

    #[test]
    fn what_cannot_be_said_is_named() {
        let keys = [
            ("_", "1"),
            ("a.b", "1"),
            ("B", "\0"),
            ("C", "it's"),
            ("D", "$'"),
            ("E", "=/,"),
        ];
        assert_eq!(
            write(&tests::of(keys)),
            "# B is left out: no variable holds the character NUL\n\
             export C=\"it's\"\n\
             export D='$'\\'''\n\
             E==/,\n\
             # _ is left out: a shell has no such variable\n\
             # a.b is left out: a shell has no such variable\n"
        );
    }
}
