//! What templates may do, and what they are told when they may not.

mod bounds;
mod documentation;
mod facts;
mod language;

use super::{Asked, Container, Error, Facts, Leader, Node, Templates, Unavailable};
use crate::{
    bundle::{Bundle, BundleFile},
    secrets::Secret,
};
use dockeeper_model::{
    Instance, LockName, ServiceName,
    config::{AppName, Key, SecretName},
    instance::{Origin, WEIGHT_DEFAULT},
};
use std::{collections::BTreeMap, sync::Arc};

/// A cluster with one of each, or one that was never reached.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) is_away: bool,
    pub(crate) has_no_networks: bool,
    pub(crate) secret: Vec<u8>,
}

// === impl World ===

impl World {
    fn known<T>(&self, what: &str, fact: T) -> Result<T, Unavailable> {
        if self.is_away {
            let why = "ZooKeeper has not been reached yet";
            return Err(Unavailable::new(what, why));
        }
        Ok(fact)
    }
}

impl Facts for World {
    fn app(&self, app: &AppName) -> Result<Option<BTreeMap<Key, String>>, Unavailable> {
        let keys = BTreeMap::from([("URL".parse().unwrap(), "http://x".to_owned())]);
        let found = (app.as_str() == "other").then_some(keys);
        self.known(&format!("the keys of the app {app}"), found)
    }

    fn node(&self) -> Result<Node, Unavailable> {
        Ok(Node {
            name: "h1".to_owned(),
            address: "10.0.0.1".to_owned(),
            labels: map(&[("zone", "a")]),
            cpus: 4,
            ..Node::default()
        })
    }

    fn container(&self) -> Result<Container, Unavailable> {
        Ok(Container {
            id: "0123456789ab".to_owned(),
            name: "web-1".to_owned(),
            labels: map(&[("tier", "front")]),
            networks: (!self.has_no_networks).then(|| map(&[("bridge", "172.17.0.2")])),
            ..Container::default()
        })
    }

    fn service(&self, service: &ServiceName) -> Result<Vec<Instance>, Unavailable> {
        let instances = match service.as_str() {
            "orders" => vec![
                instance("h2:orders:80", "v1"),
                instance("h1:orders:80", "v2"),
            ],
            _ => Vec::new(),
        };
        self.known(
            &format!("the instances of the service {service}"),
            instances,
        )
    }

    fn leader(&self, election: &LockName) -> Result<Option<Leader>, Unavailable> {
        let leader = (election.as_str() == "db").then(|| Leader {
            node: "h2".to_owned(),
            token: 7,
            instances: vec![instance("h2:db:5432", "v1")],
            ..Leader::default()
        });
        self.known(&format!("the leader of {election}"), leader)
    }

    fn secret(&self, name: &SecretName) -> Result<Option<Secret>, Unavailable> {
        let secret = (name.as_str() == "password").then(|| self.secret.clone());
        let secret = secret.map(|secret| Secret::new(secret).unwrap());
        self.known(&format!("the secret {name}"), secret)
    }

    fn digest_key(&self) -> Result<[u8; 32], Unavailable> {
        Ok([7; 32])
    }
}

fn instance(id: &str, tag: &str) -> Instance {
    let mut parts = id.split(':');
    let (node, service, port) = (parts.next(), parts.next(), parts.next());
    Instance {
        service: service.unwrap().parse().unwrap(),
        id: id.parse().unwrap(),
        address: format!("{}.example", node.unwrap()),
        port: port.map(|port| port.parse().unwrap()),
        weight: WEIGHT_DEFAULT,
        registered_ms: 1,
        origin: Some(Origin {
            node: node.unwrap().to_owned(),
            container_name: service.unwrap().to_owned(),
            tags: vec![tag.to_owned()],
            attributes: map(&[("az", "a")]),
            ..Origin::default()
        }),
    }
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

/// A bundle of texts.
pub(crate) fn bundle(files: &[(&str, &str)], keys: &[(&str, &str)]) -> Bundle {
    let file = |content: &str| BundleFile {
        mode: 0o640,
        uid: 1,
        gid: 2,
        content: content.to_owned().into(),
    };
    let files = files.iter();
    Bundle {
        files: files
            .map(|(path, content)| (path.parse().unwrap(), file(content)))
            .collect(),
        keys: map(keys)
            .into_iter()
            .map(|(key, value)| (key.parse().unwrap(), value))
            .collect(),
    }
}

/// Renders the first of some files.
fn render_in(world: World, files: &[(&str, &str)]) -> (Result<String, Error>, Asked) {
    let bundle = bundle(
        files,
        &[("LEVEL", "info"), ("log.file", "/x"), ("LIST", "[1, 2]")],
    );
    let mut templates = Templates::new(&bundle, Arc::new(world));
    let rendered = templates.render(&files[0].0.parse().unwrap(), 1 << 20);
    let text = rendered.map(|bytes| String::from_utf8(bytes).unwrap());
    (text, templates.asked())
}

/// Renders a template in a world where all is known.
fn render(template: &str) -> Result<String, Error> {
    render_in(World::default(), &[("x.conf.j2", template)]).0
}

#[track_caller]
fn refused(template: &str, expected: &str) {
    let error = render(template).unwrap_err().to_string();
    assert!(error.contains(expected), "{template}: {error}");
}
