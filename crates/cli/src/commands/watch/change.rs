use super::Item;
use crate::output::text;
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

/// What happened to an item.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change<'a> {
    Added(&'a Item),
    Removed(&'a Item),
    Changed { before: &'a Item, after: &'a Item },
}

/// A change as JSON shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line<'a> {
    time_ms: i64,
    change: &'static str,
    fields: Vec<&'a str>,
    item: &'a Value,
}

/// What happened between two readings: removals first, so that a thing that moves is never in two
/// places.
pub(super) fn between<'a>(
    before: &'a BTreeMap<String, Item>,
    after: &'a BTreeMap<String, Item>,
) -> Vec<Change<'a>> {
    let removed = before.iter().filter(|(key, _)| !after.contains_key(*key));
    let removed = removed.map(|(_, item)| Change::Removed(item));
    let others = after
        .iter()
        .filter_map(|(key, item)| match before.get(key) {
            None => Some(Change::Added(item)),
            Some(before) if before != item => Some(Change::Changed {
                before,
                after: item,
            }),
            Some(_) => None,
        });
    removed.chain(others).collect()
}

// === impl Change ===

impl<'a> Change<'a> {
    pub(super) fn to_json(&self, time_ms: i64) -> Line<'a> {
        let (change, item) = match self {
            Self::Added(item) => ("added", item),
            Self::Removed(item) => ("removed", item),
            Self::Changed { after, .. } => ("changed", after),
        };
        Line {
            time_ms,
            change,
            fields: self.fields().into_iter().map(|(name, ..)| name).collect(),
            item: &item.value,
        }
    }

    /// The fields that differ, before and after.
    fn fields(&self) -> Vec<(&'a str, &'a Value, &'a Value)> {
        const NONE: &Value = &Value::Null;
        let Self::Changed { before, after } = self else {
            return Vec::new();
        };
        let (Value::Object(before), Value::Object(after)) = (&before.value, &after.value) else {
            return Vec::new();
        };
        let gone = before.iter().filter(|(name, _)| !after.contains_key(*name));
        let gone = gone.map(|(name, value)| (name.as_str(), value, NONE));
        let others = after.iter().filter_map(|(name, value)| {
            let before = before.get(name).unwrap_or(NONE);
            (before != value).then_some((name.as_str(), before, value))
        });
        gone.chain(others).collect()
    }
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(item) => return write!(f, "+ {}", item.label),
            Self::Removed(item) => return write!(f, "- {}", item.label),
            Self::Changed { after, .. } => write!(f, "~ {}", after.label)?,
        }
        for (position, (name, before, after)) in self.fields().into_iter().enumerate() {
            let separator = if position == 0 { ": " } else { ", " };
            write!(f, "{separator}{name}")?;
            if let (Some(before), Some(after)) = (scalar(before), scalar(after)) {
                write!(f, " {before} -> {after}")?;
            }
        }
        Ok(())
    }
}

/// A value that fits into a line.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("none".to_owned()),
        Value::String(text) if text.is_empty() => Some("none".to_owned()),
        Value::String(text) => Some(text::clean(text)),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn items(items: &[(&str, Value)]) -> BTreeMap<String, Item> {
        let item = |(key, value): &(&str, Value)| {
            let item = Item {
                label: format!("h1/{key}"),
                value: value.clone(),
            };
            ((*key).to_owned(), item)
        };
        items.iter().map(item).collect()
    }

    #[test]
    fn each_change_is_a_line() {
        let before = items(&[
            ("gone", json!({})),
            ("same", json!({"a": 1})),
            (
                "web",
                json!({"state": "running", "ports": ["80"], "stoppingMs": 5}),
            ),
        ]);
        let after = items(&[
            ("new", json!({})),
            ("same", json!({"a": 1})),
            ("web", json!({"state": "paused", "ports": [], "up": true})),
        ]);
        let changes = between(&before, &after);
        let lines: Vec<_> = changes.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "- h1/gone",
                "+ h1/new",
                "~ h1/web: stoppingMs 5 -> none, ports, state running -> paused, up none -> true",
            ]
        );
        assert_eq!(
            serde_json::to_value(changes[2].to_json(7)).unwrap(),
            json!({
                "timeMs": 7,
                "change": "changed",
                "fields": ["stoppingMs", "ports", "state", "up"],
                "item": {"state": "paused", "ports": [], "up": true},
            })
        );
        assert!(between(&after, &after).is_empty());
    }
}
