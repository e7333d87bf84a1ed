//! The containers' labels, for the stages that ask for them.

use dockeeper_config::rollout::Members;
use dockeeper_model::{NodeName, config::ContainerRef, container::Container};
use dockeeper_registry::cluster::{ContainerFilter, Error, Scope, Snapshot};
use dockeeper_zk_client::Client;
use std::collections::{BTreeMap, BTreeSet};

/// The labels of an app's containers, as far as they were read. A container's never change, so that
/// each is read once, and nothing has to be watched.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    known: BTreeMap<ContainerRef, BTreeMap<String, String>>,
    /// Those that no host has registered yet.
    missing: BTreeMap<ContainerRef, Missing>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Missing {
    /// It is to be looked for again.
    is_due: bool,
    /// It was looked for again, and not found.
    has_lasted: bool,
}

// === impl Labels ===

impl Labels {
    /// Adds to the members what labels they have. Those of a container that is not registered yet
    /// are not known; one that is not registered when it is looked for [again](Self::look_again) has
    /// none, or it would hold the others up for ever.
    pub(crate) async fn add(
        &mut self,
        client: &Client,
        members: &mut Members,
    ) -> Result<(), Error> {
        self.known.retain(|name, _| members.contains_key(name));
        self.missing.retain(|name, _| members.contains_key(name));
        let hosts = self.hosts(members);
        if !hosts.is_empty() {
            let scopes: Vec<_> = hosts.into_iter().map(Scope::ContainersOf).collect();
            let snapshot = Snapshot::read(client, &scopes).await?;
            let found = snapshot.containers(&ContainerFilter::default()).items;
            self.found(found, members);
        }
        self.tell(members);
        Ok(())
    }

    /// Has those looked for again that were not registered.
    pub(crate) fn look_again(&mut self) {
        for missing in self.missing.values_mut() {
            missing.is_due = true;
        }
    }

    /// Where to look.
    fn hosts(&self, members: &Members) -> BTreeSet<NodeName> {
        let wanted = members.iter().filter(|(name, _)| self.is_wanted(name));
        wanted.map(|(_, member)| member.node.clone()).collect()
    }

    fn is_wanted(&self, name: &ContainerRef) -> bool {
        let missing = self.missing.get(name);
        !self.known.contains_key(name) && missing.is_none_or(|missing| missing.is_due)
    }

    /// Takes what is registered where it was looked.
    fn found(&mut self, containers: Vec<Container>, members: &Members) {
        let wanted = members.keys().filter(|name| self.is_wanted(name));
        let wanted: Vec<_> = wanted.cloned().collect();
        for container in containers {
            if let Ok(name) = container.id.parse()
                && members.contains_key(&name)
            {
                self.missing.remove(&name);
                self.known.insert(name, container.record.labels);
            }
        }
        for name in wanted {
            if !self.known.contains_key(&name) {
                let missing = self.missing.entry(name).or_default();
                missing.has_lasted |= missing.is_due;
                missing.is_due = false;
            }
        }
    }

    fn tell(&self, members: &mut Members) {
        for (name, member) in members {
            member.labels = match self.known.get(name) {
                Some(labels) => Some(labels.clone()),
                None => self.missing.get(name).and_then(Missing::labels),
            };
        }
    }
}

// === impl Missing ===

impl Missing {
    fn labels(&self) -> Option<BTreeMap<String, String>> {
        self.has_lasted.then(BTreeMap::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_config::rollout::Member;
    use dockeeper_model::ContainerRecord;

    fn container(id: &str) -> Container {
        let mut record = ContainerRecord::default();
        record.labels.insert("tier".to_owned(), "test".to_owned());
        Container {
            id: id.repeat(8),
            node: "h1".parse().unwrap(),
            record,
        }
    }

    #[test]
    fn one_that_is_not_registered_is_waited_for_until_it_is_looked_for_again() {
        let member = |node: &str| Member {
            node: node.parse().unwrap(),
            name: String::new(),
            labels: None,
            ack: None,
        };
        let ids = ["00000001", "00000002"];
        let names = ids.map(|id| id.repeat(2).parse::<ContainerRef>().unwrap());
        let mut members: Members = names
            .iter()
            .cloned()
            .zip(["h1", "h2"].map(member))
            .collect();
        let mut labels = Labels::default();
        assert_eq!(labels.hosts(&members).len(), 2);

        labels.found(vec![container(ids[0])], &members);
        labels.tell(&mut members);
        assert_eq!(members[&names[0]].labels.as_ref().unwrap()["tier"], "test");
        assert_eq!(members[&names[1]].labels, None);
        assert!(labels.hosts(&members).is_empty());

        labels.look_again();
        assert_eq!(
            labels.hosts(&members).into_iter().collect::<Vec<_>>(),
            ["h2".parse().unwrap()]
        );
        labels.found(Vec::new(), &members);
        labels.tell(&mut members);
        assert_eq!(members[&names[1]].labels, Some(BTreeMap::new()));

        labels.look_again();
        labels.found(vec![container(ids[1])], &members);
        labels.tell(&mut members);
        assert_eq!(members[&names[1]].labels.as_ref().unwrap()["tier"], "test");
        labels.look_again();
        assert!(labels.hosts(&members).is_empty());
    }
}
