//! What a container's user says of its services, in registrator's notation.
//!
//! Environment variables and labels `SERVICE_<KEY>` and `SERVICE_<port>_<KEY>`. A label beats an
//! environment variable, and what is said of a port beats what is said of the container. Further
//! than registrator's: a range of ports, `SERVICE_8000-8010_<KEY>`.

use dockeeper_engine::Container;
use std::{collections::BTreeMap, fmt, ops::RangeInclusive};

/// The longest value in bytes. Everybody who looks for the service reads it.
const VALUE_LEN_MAX: usize = 4096;

/// How much all values of one port may take, in bytes: a record stays far below a znode's limit.
const TOTAL_LEN_MAX: usize = 32 * 1024;

/// The longest value that an error shows.
const SHOWN_LEN_MAX: usize = 60;

const PREFIX: &str = "SERVICE_";

/// What a container's user says of its services.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    entries: Vec<Entry>,
    problems: Vec<String>,
}

#[derive(Debug)]
struct Entry {
    ports: Option<RangeInclusive<u16>>,
    is_label: bool,
    key: String,
    value: String,
}

/// What holds for one port.
#[derive(Debug, Default)]
pub(super) struct ForPort<'a> {
    values: BTreeMap<&'a str, Value<'a>>,
    problems: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    pub(super) text: &'a str,
    /// Whether it was said of the port, and not of the container.
    pub(super) is_specific: bool,
}

// === impl Metadata ===

impl Metadata {
    pub(super) fn of(container: &Container) -> Self {
        let mut metadata = Self::default();
        for (name, value) in container.env.iter() {
            metadata.add(name, value, false);
        }
        for (name, value) in &container.labels {
            metadata.add(name, value, true);
        }
        // Later ones win: sorted from the weakest to the strongest.
        metadata.entries.sort_by_key(Entry::strength);
        metadata
    }

    fn add(&mut self, name: &str, value: &str, is_label: bool) {
        let Some(name) = name.strip_prefix(PREFIX) else {
            return;
        };
        match check(value) {
            Err(why) => self
                .problems
                .push(format!("{PREFIX}{name} is ignored: {why}")),
            Ok(()) => match split(name) {
                Err(why) => self
                    .problems
                    .push(format!("{PREFIX}{name} is ignored: {why}")),
                Ok((ports, key)) => self.entries.push(Entry {
                    ports,
                    is_label,
                    key: key.to_ascii_lowercase(),
                    value: value.to_owned(),
                }),
            },
        }
    }

    pub(super) fn for_port(&self, port: u16) -> ForPort<'_> {
        let mut found = ForPort::default();
        let applies = |entry: &&Entry| entry.ports.as_ref().is_none_or(|p| p.contains(&port));
        for entry in self.entries.iter().filter(applies) {
            let value = Value {
                text: &entry.value,
                is_specific: entry.ports.is_some(),
            };
            found.values.insert(&entry.key, value);
        }
        found.bound(port);
        found
    }

    /// What could not be used, for people.
    pub(super) fn problems(&self) -> &[String] {
        &self.problems
    }
}

// === impl Entry ===

impl Entry {
    /// One port is more specific than a range, a range than none; then a label beats a variable.
    fn strength(&self) -> (u8, bool) {
        let specificity = match &self.ports {
            None => 0,
            Some(ports) if ports.start() != ports.end() => 1,
            Some(_) => 2,
        };
        (specificity, self.is_label)
    }
}

// === impl ForPort ===

impl<'a> ForPort<'a> {
    /// A value; an empty one counts as none.
    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        let value = self.values.get(key).copied();
        value.filter(|value| !value.text.is_empty())
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key).map(|value| value.text)
    }

    /// A value of a switch.
    pub(super) fn is_on(&self, key: &str) -> bool {
        let text = self.text(key).unwrap_or("");
        ["1", "true", "yes", "on"]
            .iter()
            .any(|on| text.eq_ignore_ascii_case(on))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.values.iter().map(|(key, value)| (*key, value.text))
    }

    pub(super) fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    /// Leaves out what is over the bound, from the last key on.
    fn bound(&mut self, port: u16) {
        let mut total = 0;
        let problems = &mut self.problems;
        self.values.retain(|key, value| {
            total += key.len() + value.text.len();
            let fits = total <= TOTAL_LEN_MAX;
            if !fits {
                problems.push(format!(
                    "{key} of port {port} is ignored: its metadata has more than {TOTAL_LEN_MAX} bytes"
                ));
            }
            fits
        });
    }
}

/// Splits registrator's commas: `\,` is a comma inside a value.
pub(super) fn split_list(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let item = items.last_mut().expect("there is always an item");
        match c {
            '\\' if chars.peek() == Some(&',') => item.extend(chars.next()),
            ',' => items.push(String::new()),
            c => item.push(c),
        }
    }
    items.retain(|item| !item.is_empty());
    items
}

/// A value as an error shows it.
pub(super) fn shown(value: &str) -> impl fmt::Display {
    let cut: String = value.chars().take(SHOWN_LEN_MAX).collect();
    let dots = if cut.len() < value.len() { "…" } else { "" };
    format!("{cut:?}{dots}")
}

fn check(value: &str) -> Result<(), String> {
    if value.len() > VALUE_LEN_MAX {
        let len = value.len();
        return Err(format!("it has {len} bytes, more than {VALUE_LEN_MAX}"));
    }
    match value.chars().find(|c| c.is_control()) {
        Some(character) => Err(format!("it has the control character {character:?}")),
        None => Ok(()),
    }
}

/// Splits `80_NAME` into its port and its key.
fn split(name: &str) -> Result<(Option<RangeInclusive<u16>>, &str), String> {
    let Some((first, rest)) = name.split_once('_') else {
        return Ok((None, name));
    };
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (start, end) = first.split_once('-').unwrap_or((first, first));
    if !is_port(start) || !is_port(end) {
        return Ok((None, name));
    }
    match (port(start), port(end)) {
        (Some(start), Some(end)) if start <= end => Ok((Some(start..=end), rest)),
        _ => Err(format!(
            "{first} is no port or range of ports from 1 to 65535"
        )),
    }
}

/// A port's number, from 1 on.
pub(super) fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(env: &[(&str, &str)], labels: &[(&str, &str)]) -> Metadata {
        let mut metadata = Metadata::default();
        for (name, value) in env {
            metadata.add(name, value, false);
        }
        for (name, value) in labels {
            metadata.add(name, value, true);
        }
        metadata.entries.sort_by_key(Entry::strength);
        metadata
    }

    #[test]
    fn the_most_specific_wins_and_labels_beat_variables() {
        let metadata = metadata(
            &[
                ("SERVICE_NAME", "a"),
                ("SERVICE_80_NAME", "b"),
                ("SERVICE_Region", "eu"),
                ("OTHER", "x"),
            ],
            &[("SERVICE_NAME", "c"), ("SERVICE_8000-8010_NAME", "d")],
        );
        let name = |port| metadata.for_port(port).get("name").unwrap().text;
        assert_eq!((name(443), name(80), name(8005)), ("c", "b", "d"));
        assert!(metadata.for_port(80).get("name").unwrap().is_specific);
        assert!(!metadata.for_port(443).get("name").unwrap().is_specific);
        assert_eq!(metadata.for_port(1).text("region"), Some("eu"));
        assert_eq!(metadata.problems(), [""; 0]);
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        let long = "x".repeat(1 << 20);
        let metadata = metadata(
            &[("SERVICE_TAGS", &long), ("SERVICE_NAME", "a\nb")],
            &[
                ("SERVICE_70000_NAME", "x"),
                ("SERVICE_9-8_NAME", "y"),
                ("SERVICE_0_ID", "z"),
            ],
        );
        let problems = metadata.problems().join("\n");
        assert_eq!(metadata.problems().len(), 5);
        for part in [
            "1048576 bytes",
            "control character '\\n'",
            "70000 is no port",
            "9-8 is no",
        ] {
            assert!(problems.contains(part), "{problems}");
        }
        assert!(metadata.entries.is_empty());
    }

    #[test]
    fn too_much_in_all_is_cut() {
        let value = "x".repeat(VALUE_LEN_MAX);
        let names: Vec<_> = (0..20).map(|n| format!("SERVICE_A{n:02}")).collect();
        let env: Vec<_> = names.iter().map(|n| (n.as_str(), value.as_str())).collect();
        let metadata = metadata(&env, &[]);
        let mut found = metadata.for_port(1);
        assert_eq!(found.iter().count(), 7);
        assert_eq!(found.take_problems().len(), 13);
    }

    #[test]
    fn commas_can_be_escaped() {
        assert_eq!(split_list(r"a,b\,c,,d\e"), ["a", "b,c", r"d\e"]);
        assert_eq!(split_list(""), [""; 0]);
        assert_eq!(split_list(r"/(;\,:-_)/"), ["/(;,:-_)/"]);
    }
}
