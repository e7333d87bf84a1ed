//! What templates may ask, as far as everybody can see it in ZooKeeper.

use crate::zookeeper::Session;
use dockeeper_config::{
    bundle::Bundle,
    secrets::Secret,
    template::{Container, Facts, Leader, Node, Unavailable},
};
use dockeeper_model::{
    Instance, LockName, NodeName, ServiceName,
    config::{AppName, ContainerRef, Key, SecretName},
    container,
    election::Role,
    layout, node,
};
use dockeeper_registry::cluster::{ContainerFilter, Scope, Snapshot};
use dockeeper_zk_client::ErrorCode;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What is shown in a secret's place.
const HIDDEN: &[u8] = b"***";

/// The values of an app; `None` where there is no such app.
type Values = Option<BTreeMap<Key, String>>;

/// What there is in the cluster.
#[derive(Clone, Debug)]
pub(super) struct World {
    nodes: Vec<node::Node>,
    containers: Vec<container::Container>,
    instances: Vec<Instance>,
    secrets: BTreeSet<String>,
    /// Those that were asked for so far.
    apps: BTreeMap<AppName, Values>,
}

/// Whom a release is rendered for.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) node: NodeName,
    pub(super) container: ContainerRef,
}

/// The answers for a container.
struct Answers {
    world: Arc<World>,
    subject: Option<Subject>,
}

// === impl World ===

impl World {
    /// The cluster, where an app is at a new release.
    pub(super) async fn read(
        session: &Session,
        app: &AppName,
        new: &Bundle,
    ) -> anyhow::Result<Self> {
        let scopes = [Scope::Nodes, Scope::Containers, Scope::Services];
        let snapshot = Snapshot::read(&session.client, &scopes).await?;
        let secrets = match session.client.list(layout::SECRETS).await {
            Ok((names, _)) => names,
            Err(error) if error.is(ErrorCode::NoNode) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            nodes: snapshot.nodes().items,
            containers: snapshot.containers(&ContainerFilter::default()).items,
            instances: snapshot.all_instances().items,
            secrets: secrets.into_iter().collect(),
            apps: [(app.clone(), Some(new.keys.clone()))].into(),
        })
    }

    /// The apps that are not known yet.
    pub(super) fn missing(&self, asked: &BTreeSet<AppName>) -> BTreeSet<AppName> {
        let missing = asked.iter().filter(|app| !self.apps.contains_key(app));
        missing.cloned().collect()
    }

    pub(super) fn add_app(&mut self, app: AppName, values: Values) {
        self.apps.insert(app, values);
    }

    /// The answers for a container, or for nobody in particular.
    pub(super) fn facts(self: &Arc<Self>, subject: Option<&Subject>) -> Arc<dyn Facts> {
        Arc::new(Answers {
            world: self.clone(),
            subject: subject.cloned(),
        })
    }

    fn node(&self, name: &NodeName) -> Option<&node::Node> {
        self.nodes.iter().find(|node| node.name == *name)
    }

    /// Of several that say so, the later leader is right.
    fn leader(&self, election: &LockName) -> Option<Leader> {
        let led = self.containers.iter().filter_map(|container| {
            let mut elections = container.record.elections.iter();
            let led = elections.find(|status| status.name == *election)?;
            (led.role == Role::Leader).then_some((led.token.unwrap_or_default(), container))
        });
        let (token, container) = led.max_by_key(|(token, _)| *token)?;
        let is_its = |instance: &&Instance| {
            let origin = instance.origin.as_ref();
            origin.is_some_and(|origin| origin.container == container.id)
        };
        let node = self.node(&container.node);
        Some(Leader {
            node: container.node.to_string(),
            address: node
                .map(|node| node.record.address.clone())
                .unwrap_or_default(),
            id: container.id.clone(),
            container: container.record.name.clone(),
            token,
            instances: self.instances.iter().filter(is_its).cloned().collect(),
        })
    }
}

// === impl Answers ===

impl Answers {
    fn subject(&self, what: &str) -> Result<&Subject, Unavailable> {
        let subject = self.subject.as_ref();
        subject.ok_or_else(|| Unavailable::new(what, "no container mounts the app"))
    }
}

impl Facts for Answers {
    fn app(&self, app: &AppName) -> Result<Values, Unavailable> {
        let known = self.world.apps.get(app).cloned();
        known.ok_or_else(|| Unavailable::new(format!("the app {app}"), "it was not read"))
    }

    fn node(&self) -> Result<Node, Unavailable> {
        let what = "the host";
        let name = &self.subject(what)?.node;
        let found = self.world.node(name);
        let found =
            found.ok_or_else(|| Unavailable::new(what, format!("{name} is not registered")))?;
        let record = &found.record;
        let engine = record.engine.clone().unwrap_or_default();
        Ok(Node {
            name: found.name.to_string(),
            address: record.address.clone(),
            hostname: record.hostname.clone(),
            labels: engine.labels,
            arch: engine.arch,
            cpus: engine.cpus,
            memory_bytes: engine.memory_bytes,
        })
    }

    fn container(&self) -> Result<Container, Unavailable> {
        let what = "the container";
        let Subject { node, container } = self.subject(what)?;
        let mut containers = self.world.containers.iter();
        let found = containers
            .find(|found| found.node == *node && found.id.starts_with(container.as_str()));
        let found = found.ok_or_else(|| {
            Unavailable::new(what, format!("{container} on {node} is not registered"))
        })?;
        let record = &found.record;
        Ok(Container {
            id: found.id.clone(),
            name: record.name.clone(),
            image: record.image.clone(),
            labels: record.labels.clone(),
            networks: Some(record.networks.clone()),
        })
    }

    fn service(&self, service: &ServiceName) -> Result<Vec<Instance>, Unavailable> {
        let instances = self.world.instances.iter();
        let instances = instances.filter(|instance| instance.service == *service);
        Ok(instances.cloned().collect())
    }

    fn leader(&self, election: &LockName) -> Result<Option<Leader>, Unavailable> {
        Ok(self.world.leader(election))
    }

    fn secret(&self, name: &SecretName) -> Result<Option<Secret>, Unavailable> {
        if !self.world.secrets.contains(name.as_str()) {
            return Ok(None);
        }
        let hidden = Secret::new(HIDDEN.to_vec());
        let unavailable = |why: dockeeper_config::secrets::Error| {
            Unavailable::new(format!("the secret {name}"), why.to_string())
        };
        hidden.map(Some).map_err(unavailable)
    }

    /// No digest of this leaves the program.
    fn digest_key(&self) -> Result<[u8; 32], Unavailable> {
        Ok([0; 32])
    }
}
