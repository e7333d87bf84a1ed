//! The values `node` and `container`: asked for when a template uses them.

use super::{
    asked::Asked,
    facts::{Container, Node, Unavailable},
    session::Session,
};
use minijinja::{
    Error, Value,
    value::{Enumerator, Object},
};
use std::{collections::BTreeMap, sync::Arc};

/// `node`.
#[derive(Debug)]
pub(super) struct LazyNode(pub(super) Arc<Session>);

/// `container`.
#[derive(Debug)]
pub(super) struct LazyContainer(pub(super) Arc<Session>);

const NODE_FIELDS: &[&str] = &[
    "address",
    "arch",
    "cpus",
    "hostname",
    "labels",
    "memory_bytes",
    "name",
];

const CONTAINER_FIELDS: &[&str] = &["id", "image", "labels", "name", "networks"];

// === impl LazyNode ===

impl LazyNode {
    fn field(&self, field: &str) -> Result<Value, Error> {
        let Self(session) = self;
        let note = |asked: &mut Asked| asked.node = true;
        let node: Node = session.ask(note, |facts| facts.node())?;
        Ok(match field {
            "address" => node.address.into(),
            "arch" => node.arch.into(),
            "cpus" => node.cpus.into(),
            "hostname" => node.hostname.into(),
            "labels" => texts(&node.labels),
            "memory_bytes" => node.memory_bytes.into(),
            _ => node.name.into(),
        })
    }
}

impl Object for LazyNode {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let field = key.as_str().filter(|name| NODE_FIELDS.contains(name))?;
        Some(self.field(field).unwrap_or_else(Value::from))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(NODE_FIELDS)
    }
}

// === impl LazyContainer ===

impl LazyContainer {
    fn field(&self, field: &'static str) -> Result<Value, Error> {
        let Self(session) = self;
        let note = |asked: &mut Asked| {
            asked.container.insert(field);
        };
        session.ask(note, |facts| {
            let container: Container = facts.container()?;
            Ok(match field {
                "id" => container.id.into(),
                "image" => container.image.into(),
                "labels" => texts(&container.labels),
                "name" => container.name.into(),
                _ => texts(&container.networks.ok_or_else(no_networks)?),
            })
        })
    }
}

impl Object for LazyContainer {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let field = CONTAINER_FIELDS.iter().find(|field| **field == name)?;
        Some(self.field(field).unwrap_or_else(Value::from))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(CONTAINER_FIELDS)
    }
}

/// Texts by their names.
pub(super) fn texts(texts: &BTreeMap<String, String>) -> Value {
    let pairs = texts.iter();
    Value::from_pairs(pairs.map(|(name, text)| (name.as_str(), text.as_str())))
}

fn no_networks() -> Unavailable {
    let why = "a container has its addresses only when it has been started";
    Unavailable::new("container.networks", why)
}
