//! What a snapshot's znodes say.

use super::Snapshot;
use bytes::Bytes;
use dockeeper_model::{
    Instance, Maintenance, container::Container, decode, layout, maintenance::Subject, node::Node,
};
use std::collections::BTreeSet;

/// Records that were found, and znodes that hold none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// The records.
    pub items: Vec<T>,
    /// What cannot be read.
    pub skipped: Vec<Skipped>,
}

/// A znode that was left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// The znode.
    pub path: String,
    /// Why, for people.
    pub why: String,
}

/// Which containers are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerFilter {
    /// Those on this host; `None` for any.
    pub node: Option<String>,
    /// Those with an instance of this service, found or withheld; `None` for any.
    pub service: Option<String>,
}

/// A service and what there is of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The service's name.
    pub name: String,
    /// How many instances can be found.
    pub instances: usize,
    /// The tags that at least one of them has.
    pub tags: BTreeSet<String>,
    /// The hosts that at least one of them runs on.
    pub nodes: BTreeSet<String>,
}

/// Something that is out of service, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What.
    pub subject: Subject,
    /// Why.
    pub maintenance: Maintenance,
}

// === impl Skipped ===

impl Skipped {
    /// A znode that the server does not show.
    pub(super) fn hidden(path: String) -> Self {
        Self {
            path,
            why: "its access control list does not let us read it".to_owned(),
        }
    }
}

// === impl Snapshot ===

impl Snapshot {
    /// The hosts, by name.
    pub fn nodes(&self) -> Listing<Node> {
        self.listing(layout::NODES, |path, content| {
            let name = layout::one_name(path, layout::NODES)?;
            Some(node(name, content))
        })
    }

    /// The containers that a filter wants, by host and name.
    pub fn containers(&self, filter: &ContainerFilter) -> Listing<Container> {
        let mut listing = self.listing(layout::CONTAINERS, |path, content| {
            let (node, id) = layout::two_names(path, layout::CONTAINERS)?;
            Some(container(node, id, content))
        });
        listing.items.retain(|container| filter.wants(container));
        let key = |c: &Container| (c.node.clone(), c.record.name.clone(), c.id.clone());
        listing.items.sort_by_cached_key(key);
        listing
    }

    /// The services that have an instance, by name.
    pub fn services(&self) -> Listing<Service> {
        let Listing { items, skipped } = self.all_instances();
        let mut services: Vec<Service> = Vec::new();
        for instance in items {
            // Instances come in the order of their services' names.
            if services
                .last()
                .is_none_or(|last| last.name != instance.service.as_str())
            {
                services.push(Service::new(instance.service.as_str()));
            }
            let service = services
                .last_mut()
                .expect("one was just pushed if there was none");
            service.count(instance);
        }
        Listing {
            items: services,
            skipped,
        }
    }

    /// The instances of a service that have all the given tags, by id.
    pub fn instances(&self, service: &str, tags: &[String]) -> Listing<Instance> {
        let mut listing = self.all_instances();
        listing.items.retain(|instance| {
            instance.service.as_str() == service
                && tags.iter().all(|tag| instance.tags().contains(tag))
        });
        listing
    }

    /// The instances of all services, by service and id.
    pub fn all_instances(&self) -> Listing<Instance> {
        let mut listing = self.listing(layout::SERVICES, |path, content| {
            let (service, id) = layout::two_names(path, layout::SERVICES)?;
            Some(instance(service, id, content))
        });
        let key = |i: &Instance| (i.service.clone(), i.id.clone());
        listing.items.sort_by_cached_key(key);
        listing
    }

    /// What is out of service, by subject. A mark that cannot be read counts all the same:
    /// somebody meant it.
    pub fn marks(&self) -> Vec<Mark> {
        let marks = self.znodes.iter().filter_map(|(path, content)| {
            Some(Mark {
                subject: Subject::from_path(path)?,
                maintenance: super::marks::read(content),
            })
        });
        let mut marks: Vec<_> = marks.collect();
        marks.sort_by(|a, b| a.subject.cmp(&b.subject));
        marks
    }

    /// Reads the records below a root. `read` has nothing to say of a znode that is not where
    /// records lie.
    fn listing<T>(
        &self,
        root: &str,
        read: impl Fn(&str, &Bytes) -> Option<Result<T, String>>,
    ) -> Listing<T> {
        let is_below = |path: &str| dockeeper_zk_client::path::is_within(path, root);
        let hidden = self.hidden.iter().filter(|hidden| is_below(&hidden.path));
        let mut listing = Listing {
            items: Vec::new(),
            skipped: hidden.cloned().collect(),
        };
        for (path, content) in self.znodes.range(root.to_owned()..) {
            if !path.starts_with(root) {
                break;
            }
            match read(path, content) {
                Some(Ok(item)) => listing.items.push(item),
                Some(Err(why)) => listing.skipped.push(Skipped {
                    path: path.clone(),
                    why,
                }),
                None => {}
            }
        }
        listing
    }
}

fn node(name: &str, content: &[u8]) -> Result<Node, String> {
    Ok(Node {
        name: name.parse().map_err(|why| bad_name(name, &why))?,
        record: decode(content).map_err(|why| why.to_string())?,
    })
}

fn container(node: &str, id: &str, content: &[u8]) -> Result<Container, String> {
    Ok(Container {
        id: id.to_owned(),
        node: node.parse().map_err(|why| bad_name(node, &why))?,
        record: decode(content).map_err(|why| why.to_string())?,
    })
}

fn instance(service: &str, id: &str, content: &[u8]) -> Result<Instance, String> {
    let service = service.parse().map_err(|why| bad_name(service, &why))?;
    let id = id.parse().map_err(|why| bad_name(id, &why))?;
    Instance::decode(service, id, content).map_err(|why| why.to_string())
}

fn bad_name(name: &str, why: &dockeeper_model::name::Invalid) -> String {
    format!("{name:?} is not a name of Dockeeper's: {why}")
}

// === impl ContainerFilter ===

impl ContainerFilter {
    fn wants(&self, container: &Container) -> bool {
        let is_on = |node: &String| container.node.as_str() == node;
        let serves = |service: &String| {
            let mut instances = container.record.instances.iter();
            instances.any(|instance| instance.service.as_str() == service)
        };
        self.node.as_ref().is_none_or(is_on) && self.service.as_ref().is_none_or(serves)
    }
}

// === impl Service ===

impl Service {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            instances: 0,
            tags: BTreeSet::new(),
            nodes: BTreeSet::new(),
        }
    }

    fn count(&mut self, instance: Instance) {
        self.instances += 1;
        if let Some(origin) = instance.origin {
            self.tags.extend(origin.tags);
            self.nodes.insert(origin.node);
        }
    }
}

#[cfg(test)]
mod tests;
