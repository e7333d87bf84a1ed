//! What holds for one port.

use super::key::Role;
use dockeeper_model::shown;
use std::collections::BTreeMap;

/// The longest value in bytes. Everybody who looks for the service reads it.
pub(super) const VALUE_LEN_MAX: usize = 4096;

/// How much all attributes of one port may take, in bytes: a record stays far below a znode's
/// limit.
pub(super) const ATTRIBUTES_LEN_MAX: usize = 32 * 1024;

/// How many of the attributes that are left out are named.
const OMITTED_SHOWN_MAX: usize = 5;

/// What holds for one port.
#[derive(Debug, Default)]
pub(in crate::host) struct ForPort<'a> {
    values: BTreeMap<&'a str, Value<'a>>,
    problems: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
pub(in crate::host) struct Value<'a> {
    /// The label's or the variable's own name.
    pub(in crate::host) name: &'a str,
    pub(in crate::host) text: &'a str,
    /// Whether it was said of the port, and not of the container.
    pub(in crate::host) is_specific: bool,
}

// === impl ForPort ===

impl<'a> ForPort<'a> {
    pub(super) fn new(values: BTreeMap<&'a str, Value<'a>>) -> Self {
        let mut found = Self {
            values,
            problems: Vec::new(),
        };
        found.leave_out();
        found
    }

    /// A value; an empty one counts as none.
    pub(in crate::host) fn get(&self, key: &str) -> Option<Value<'a>> {
        let value = self.values.get(key).copied();
        value.filter(|value| !value.text.is_empty())
    }

    pub(in crate::host) fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key).map(|value| value.text)
    }

    /// A value of a switch.
    pub(in crate::host) fn is_on(&self, key: &str) -> Result<bool, String> {
        let Some(value) = self.get(key) else {
            return Ok(false);
        };
        let is = |word: &&str| value.text.eq_ignore_ascii_case(word);
        if ["1", "true", "yes", "on"].iter().any(is) {
            return Ok(true);
        }
        if ["0", "false", "no", "off"].iter().any(is) {
            return Ok(false);
        }
        let (name, shown) = (value.name, shown(value.text));
        Err(format!("{name} is {shown}, neither true nor false"))
    }

    /// Whether the user wants nothing of the port.
    pub(in crate::host) fn is_ignored(&self) -> bool {
        self.get("ignore").is_some()
    }

    /// Fails when something that decides what is registered cannot be used: nothing else must be
    /// registered in its place.
    pub(in crate::host) fn usable(&self) -> Result<(), String> {
        let mut values = self.values.iter();
        let fault = values.find_map(|(key, value)| match Role::of(key) {
            Role::Decides => value.fault(),
            Role::Ignores | Role::Checks | Role::Tags | Role::Describes => None,
        });
        fault.map_or(Ok(()), Err)
    }

    /// What is said of the port's health check, whatever it is.
    pub(in crate::host) fn checks(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.with_role(Role::Checks)
    }

    pub(in crate::host) fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.with_role(Role::Describes)
    }

    pub(in crate::host) fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    fn with_role(&self, role: Role) -> impl Iterator<Item = (&'a str, &'a str)> {
        let values = self.values.iter();
        let is_it = move |(key, _): &(&&str, &Value<'_>)| Role::of(key) == role;
        values.filter(is_it).map(|(key, value)| (*key, value.text))
    }

    /// Leaves out tags and attributes that cannot be used, and those that are too much, from the
    /// last key on.
    fn leave_out(&mut self) {
        let mut len = 0;
        let mut omitted = Vec::new();
        let problems = &mut self.problems;
        self.values.retain(|key, value| {
            let role = Role::of(key);
            if !matches!(role, Role::Tags | Role::Describes) {
                return true;
            }
            if let Some(fault) = value.fault() {
                problems.push(fault);
                return false;
            }
            if role == Role::Describes {
                len += key.len() + value.text.len();
            }
            let fits = len <= ATTRIBUTES_LEN_MAX;
            if !fits && role == Role::Describes {
                omitted.push(value.name);
            }
            fits || role == Role::Tags
        });
        if !omitted.is_empty() {
            let (count, more) = (omitted.len(), omitted.len() > OMITTED_SHOWN_MAX);
            omitted.truncate(OMITTED_SHOWN_MAX);
            let names = omitted.join(", ");
            let dots = if more { ", …" } else { "" };
            problems.push(format!(
                "{count} attributes are left out ({names}{dots}): those of one port may have \
                 {ATTRIBUTES_LEN_MAX} bytes in all"
            ));
        }
    }
}

// === impl Value ===

impl Value<'_> {
    /// What makes it useless, whatever its key.
    fn fault(&self) -> Option<String> {
        let name = self.name;
        let len = self.text.len();
        if len > VALUE_LEN_MAX {
            return Some(format!(
                "{name} cannot be used: it has {len} bytes, more than {VALUE_LEN_MAX}"
            ));
        }
        let control = self.text.chars().find(|c| c.is_control())?;
        Some(format!(
            "{name} cannot be used: it has the control character {control:?}"
        ))
    }
}
