use crate::{
    args::Global,
    exit::Failure,
    listing,
    output::{self, json, text},
    zookeeper::{self, Session},
};
use clap::ValueEnum;
use dockeeper_model::{Instance, container::Container, node::Node};
use dockeeper_registry::cluster::{self, ContainerFilter, Scope, Snapshot};
use serde::Serialize;

/// The options of `inspect`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A container's name, NODE/NAME or the beginning of its id; a node's name; or an instance's id
    name: String,

    /// What to look for, where a name stands for several things
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A container
    Container,
    /// A Docker host
    Node,
    /// An instance of a service
    Instance,
}

/// What a name stands for, as JSON shows it.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Found {
    Container(Box<Container>),
    Node(Box<Node>),
    Instance(Box<Instance>),
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    zookeeper::with(global, async |session| inspect(&args, session).await).await
}

async fn inspect(args: &Args, session: &Session) -> anyhow::Result<()> {
    let scopes = [Scope::Nodes, Scope::Containers, Scope::Services];
    let snapshot = Snapshot::read(&session.client, &scopes).await?;
    if snapshot.is_empty() {
        session.check(&[]).await?;
    }
    let found = find(&snapshot, &args.name, args.kind)?;
    let object = json::array(&[found])?;
    output::print(&object)
}

fn find(snapshot: &Snapshot, name: &str, kind: Option<Kind>) -> anyhow::Result<Found> {
    let wants = |of: Kind| kind.is_none_or(|kind| kind == of);
    let mut found = Vec::new();
    let mut skipped = Vec::new();
    if wants(Kind::Container) {
        let listing = snapshot.containers(&ContainerFilter::default());
        skipped.extend(listing.skipped);
        match cluster::container(&listing.items, name) {
            Ok(container) => found.push(Found::Container(container.clone().into())),
            Err(cluster::Error::Unknown(_)) => {}
            Err(ambiguous) => return Err(ambiguous.into()),
        }
    }
    if wants(Kind::Node) {
        let listing = snapshot.nodes();
        skipped.extend(listing.skipped);
        let node = listing
            .items
            .into_iter()
            .find(|node| node.name.as_str() == name);
        found.extend(node.map(|node| Found::Node(node.into())));
    }
    if wants(Kind::Instance) {
        let listing = snapshot.all_instances();
        skipped.extend(listing.skipped);
        let instances = listing.items.into_iter();
        let instances = instances.filter(|instance| instance.id.as_str() == name);
        found.extend(instances.map(|instance| Found::Instance(instance.into())));
    }
    // A whole name beats the beginning of an id.
    if found.len() > 1 && found.iter().any(|found| found.is_exact(name)) {
        found.retain(|found| found.is_exact(name));
    }
    match found.len() {
        0 => {
            listing::warn_of(&skipped);
            Err(unknown(snapshot, name).into())
        }
        1 => Ok(found.remove(0)),
        _ => Err(ambiguous(&found, name)),
    }
}

fn unknown(snapshot: &Snapshot, name: &str) -> Failure {
    let services = snapshot.services().items;
    let hint = if services.iter().any(|service| service.name == name) {
        format!("; {name} is a service: see `dockeeper discover {name}`")
    } else {
        String::new()
    };
    Failure::not_found(format!(
        "no container, node or instance has the name or id '{}'{hint}",
        text::clean(name)
    ))
}

fn ambiguous(found: &[Found], name: &str) -> anyhow::Error {
    let what: Vec<_> = found.iter().map(Found::to_string).collect();
    anyhow::anyhow!(
        "'{name}' is {}: choose with --type, or write more of the name",
        what.join(" and ")
    )
}

// === impl Found ===

impl Found {
    /// Whether this is its whole name.
    fn is_exact(&self, name: &str) -> bool {
        match self {
            Self::Container(container) => container.record.name == name || container.id == name,
            Self::Node(_) | Self::Instance(_) => true,
        }
    }
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Container(c) => write!(f, "the container {}/{}", c.node, c.record.name),
            Self::Node(node) => write!(f, "the node {}", node.name),
            Self::Instance(i) => write!(f, "an instance of {} ({})", i.service, i.endpoint()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        [
            ("/nodes/web", r#"{"address":"10.0.0.1","agentVersion":"1"}"#),
            ("/nodes/ab", r#"{"address":"10.0.0.2","agentVersion":"1"}"#),
            ("/nodes/foreign", "{}"),
            (
                "/containers/h1/abc0",
                r#"{"name":"web","image":"i","state":"running"}"#,
            ),
            (
                "/containers/h1/0ab0",
                r#"{"name":"db","image":"i","state":"running"}"#,
            ),
            ("/services/db/h1:db:1", r#"{"address":"10.0.0.1","port":1}"#),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn a_name_is_found_whatever_it_names() {
        let found = |name| find(&snapshot(), name, None).map(|found| found.to_string());
        assert_eq!(found("db").unwrap(), "the container h1/db");
        assert_eq!(found("h1:db:1").unwrap(), "an instance of db (10.0.0.1:1)");
        // The node's whole name beats the beginning of a container's id.
        assert_eq!(found("ab").unwrap(), "the node ab");
        let error = found("web").unwrap_err().to_string();
        assert!(
            error.contains("the container h1/web and the node web"),
            "{error}"
        );
        let error = found("foreign").unwrap_err().to_string();
        assert!(error.starts_with("no container, node or"), "{error}");
        assert!(find(&snapshot(), "web", Some(Kind::Node)).is_ok());
        assert!(find(&snapshot(), "web", Some(Kind::Instance)).is_err());
    }

    #[test]
    fn json_says_what_it_is() {
        let found = find(&snapshot(), "ab", None).unwrap();
        let text = serde_json::to_string(&found).unwrap();
        assert!(text.starts_with(r#"{"type":"node","name":"ab","#), "{text}");
    }
}
