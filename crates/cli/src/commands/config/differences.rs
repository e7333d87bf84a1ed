//! What differs between two contents, for people.

use crate::output::text;
use dockeeper_config::bundle::{Bundle, Entry, FileChange, Text, diff};
use dockeeper_model::config::{FilePath, Key};
use std::fmt::Write;

/// How much of a value is shown, in characters: the file has the rest.
const VALUE_SHOWN_MAX: usize = 200;

/// What differs, a line each, with the lines of files as `diff -u` has them; empty when nothing does.
pub(super) fn describe(old: &Bundle, new: &Bundle) -> String {
    let diff = diff(old, new);
    let values = diff.keys.iter().map(|(key, entry)| value(key, entry, new));
    let files = diff
        .files
        .iter()
        .map(|(path, entry)| file(path, entry, new));
    values.chain(files).collect()
}

fn value(key: &Key, entry: &Entry<(String, String)>, new: &Bundle) -> String {
    match entry {
        Entry::Removed => format!("- {key}\n"),
        Entry::Added => format!("+ {key} = {}\n", shown(&new.keys[key])),
        Entry::Changed((old, new)) => format!("~ {key} = {}, was {}\n", shown(new), shown(old)),
    }
}

/// A value on a line of its own, in quotes, so that its ends are seen.
fn shown(value: &str) -> String {
    let beginning: String = value.chars().take(VALUE_SHOWN_MAX).collect();
    let rest = match beginning.len() < value.len() {
        true => "…",
        false => "",
    };
    format!("\"{}\"{rest}", text::clean(&beginning))
}

fn file(path: &FilePath, entry: &Entry<FileChange>, new: &Bundle) -> String {
    let name = text::clean(path.as_str());
    match entry {
        Entry::Removed => format!("- {name}\n"),
        Entry::Added => {
            let len = new.files[path].content.len();
            format!("+ {name} ({})\n", text::count(len, "byte"))
        }
        Entry::Changed(change) => changed(&name, change),
    }
}

fn changed(name: &str, change: &FileChange) -> String {
    let mut told = format!("~ {name}");
    if let Some((old, new)) = change.mode {
        told += &format!(", mode {new:04o}, was {old:04o}");
    }
    if let Some(((old_uid, old_gid), (uid, gid))) = change.owner {
        told += &format!(", owner {uid}:{gid}, was {old_uid}:{old_gid}");
    }
    match &change.content {
        None => told += "\n",
        Some(Text::Binary(old, new)) => {
            let (new, old) = (text::count(*new, "byte"), text::count(*old, "byte"));
            told += &format!(", no text: {new}, was {old}\n");
        }
        Some(Text::Lines(lines)) => {
            told += "\n";
            for line in lines {
                let line = line.to_string();
                // Tabs steer no terminal where they should not.
                let parts: Vec<_> = line.split('\t').map(text::clean).collect();
                writeln!(told, "{}", parts.join("\t")).expect("writing to a String never fails");
            }
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_config::bundle::BundleFile;

    fn bundle(files: &[(&str, u32, &'static str)], keys: &[(&str, &str)]) -> Bundle {
        let file = |mode, content: &'static str| BundleFile {
            mode,
            uid: 0,
            gid: 0,
            content: content.into(),
        };
        let files = files.iter();
        let keys = keys.iter();
        Bundle {
            files: files
                .map(|(path, mode, content)| (path.parse().unwrap(), file(*mode, content)))
                .collect(),
            keys: keys
                .map(|(key, value)| (key.parse().unwrap(), (*value).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn what_differs_is_told_line_by_line() {
        let old = bundle(
            &[
                ("a", 0o644, "1\n\t2\n"),
                ("b", 0o644, "\0"),
                ("gone", 0o644, ""),
            ],
            &[("A", "1"), ("B", "x"), ("C", "")],
        );
        let new = bundle(
            &[
                ("a", 0o600, "1\n\t3\u{1b}\n"),
                ("b", 0o644, "\0\0"),
                ("d", 0o644, "x"),
            ],
            &[("A", "2"), ("C", ""), ("D", "two\nlines")],
        );
        let expected = "\
~ A = \"2\", was \"1\"
- B
+ D = \"two\\nlines\"
~ a, mode 0600, was 0644
 1
-\t2
+\t3\\u{1b}
 
~ b, no text: 2 bytes, was 1 byte
+ d (1 byte)
- gone
";
        assert_eq!(describe(&old, &new), expected);
        assert_eq!(describe(&new, &new), "");
    }

    #[test]
    fn a_long_value_is_cut() {
        let long = "é".repeat(VALUE_SHOWN_MAX + 1);
        let shown = shown(&long);
        assert_eq!(shown.chars().count(), VALUE_SHOWN_MAX + 3);
        assert!(shown.ends_with("\"…"), "{shown}");
    }
}
