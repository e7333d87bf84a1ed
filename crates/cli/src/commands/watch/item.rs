use crate::output::text;
use anyhow::Context;
use dockeeper_model::{Instance, container::Container, node::Node};
use serde::Serialize;
use serde_json::Value;

/// Something that comes and goes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    /// What it is, for a person to read.
    pub(super) label: String,
    /// All that is known of it.
    pub(super) value: Value,
}

// === impl Item ===

impl Item {
    /// An instance, and what tells it from others.
    pub(super) fn of_instance(instance: &Instance) -> anyhow::Result<(String, Self)> {
        let (service, id) = (&instance.service, &instance.id);
        let label = format!("{service} {id} {}", instance.endpoint());
        Self::new(format!("{service}/{id}"), &label, instance)
    }

    /// A container, and what tells it from others.
    pub(super) fn of_container(container: &Container) -> anyhow::Result<(String, Self)> {
        let (node, record) = (&container.node, &container.record);
        let id = crate::commands::ps::short(&container.id);
        let label = format!("{node}/{} {id} {}", record.name, record.image);
        Self::new(format!("{node}/{}", container.id), &label, container)
    }

    /// A node, and what tells it from others.
    pub(super) fn of_node(node: &Node) -> anyhow::Result<(String, Self)> {
        let label = format!("{} {}", node.name, node.record.address);
        Self::new(node.name.to_string(), &label, node)
    }

    fn new(key: String, label: &str, item: &impl Serialize) -> anyhow::Result<(String, Self)> {
        let value = serde_json::to_value(item).context("cannot write JSON")?;
        let label = text::clean(label.trim_end());
        Ok((key, Self { label, value }))
    }
}
