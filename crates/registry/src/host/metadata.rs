//! What a container's user says of its services, in registrator's notation.
//!
//! Environment variables and labels `SERVICE_<KEY>` and `SERVICE_<port>_<KEY>`. A label beats an
//! environment variable, and what is said of a port beats what is said of the container. Further
//! than registrator's: a range of ports, `SERVICE_8000-8010_<KEY>`.

mod for_port;
mod key;

pub(super) use for_port::{ForPort, Value};

use dockeeper_engine::Container;
use dockeeper_model::shown;
use key::split;
use std::{collections::BTreeMap, ops::RangeInclusive};

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
    /// As it was written, for people.
    name: String,
    key: String,
    value: String,
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

    /// Takes an entry, whatever its value: what a useless one means depends on the key.
    fn add(&mut self, name: &str, value: &str, is_label: bool) {
        let Some(rest) = name.strip_prefix(PREFIX) else {
            return;
        };
        match split(rest) {
            Err(why) => self
                .problems
                .push(format!("{} is ignored: {why}", shown(name))),
            Ok((ports, key)) => self.entries.push(Entry {
                ports,
                is_label,
                name: name.to_owned(),
                key: key.to_ascii_lowercase(),
                value: value.to_owned(),
            }),
        }
    }

    pub(super) fn for_port(&self, port: u16) -> ForPort<'_> {
        let mut values = BTreeMap::new();
        let applies = |entry: &&Entry| entry.ports.as_ref().is_none_or(|p| p.contains(&port));
        for entry in self.entries.iter().filter(applies) {
            let value = Value {
                name: &entry.name,
                text: &entry.value,
                is_specific: entry.ports.is_some(),
            };
            values.insert(entry.key.as_str(), value);
        }
        ForPort::new(values)
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

/// A port's number, from 1 on.
pub(super) fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port > 0)
}

#[cfg(test)]
mod tests;
