use crate::{exit::Failure, output::text, zookeeper::Session};
use dockeeper_model::{NodeName, ServiceName, maintenance::Subject};
use dockeeper_registry::cluster::{self, ContainerFilter, Scope, Snapshot};

/// What is taken out of service or put back.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Target {
    /// All instances on a host
    #[arg(long, value_name = "NAME")]
    node: Option<NodeName>,

    /// All instances of a service
    #[arg(long, value_name = "NAME")]
    service: Option<ServiceName>,

    /// All instances of a container: its name, NODE/NAME, or the beginning of its id
    #[arg(long, value_name = "NAME")]
    container: Option<String>,
}

/// What was meant.
pub(super) struct Meant {
    pub(super) subject: Subject,
    /// For people.
    pub(super) label: String,
    /// Where a container runs.
    pub(super) node: Option<String>,
    /// Whether it is registered at present.
    pub(super) is_known: bool,
}

// === impl Target ===

impl Target {
    /// Finds what is meant. A node or a service may be marked before it is there.
    pub(super) async fn find(&self, session: &Session) -> anyhow::Result<Meant> {
        let scopes = match (&self.node, &self.service) {
            (Some(_), _) => [Scope::Nodes, Scope::Maintenance],
            (_, Some(service)) => [Scope::Service(service.clone()), Scope::Maintenance],
            (None, None) => [Scope::Containers, Scope::Maintenance],
        };
        session.check(&scopes).await?;
        let snapshot = Snapshot::read(&session.client, &scopes).await?;
        match (&self.node, &self.service, &self.container) {
            (Some(node), ..) => Ok(Meant {
                subject: Subject::Node(node.to_string()),
                label: format!("node {node}"),
                node: None,
                is_known: snapshot
                    .nodes()
                    .items
                    .iter()
                    .any(|known| known.name == *node),
            }),
            (_, Some(service), _) => Ok(Meant {
                subject: Subject::Service(service.to_string()),
                label: format!("service {service}"),
                node: None,
                is_known: !snapshot.services().items.is_empty(),
            }),
            (_, _, Some(name)) => container(&snapshot, name),
            (None, None, None) => {
                Err(Failure::usage("give --node, --service or --container").into())
            }
        }
    }
}

/// A container that is registered, or one that is gone but still marked.
fn container(snapshot: &Snapshot, name: &str) -> anyhow::Result<Meant> {
    let containers = snapshot.containers(&ContainerFilter::default()).items;
    let unknown = match cluster::container(&containers, name) {
        Ok(found) => {
            let (node, record) = (&found.node, &found.record);
            return Ok(Meant {
                subject: Subject::Container(found.id.clone()),
                label: text::clean(&format!("container {node}/{}", record.name)),
                node: Some(node.to_string()),
                is_known: true,
            });
        }
        Err(unknown @ cluster::Error::Unknown(_)) => unknown,
        Err(ambiguous) => return Err(ambiguous.into()),
    };
    let marks = snapshot.marks().into_iter().map(|mark| mark.subject);
    let marked: Vec<_> = marks
        .filter(|subject| matches!(subject, Subject::Container(id) if id.starts_with(name)))
        .collect();
    match marked.as_slice() {
        [subject] if !name.is_empty() => Ok(Meant {
            subject: subject.clone(),
            label: format!("container {}", text::clean(name)),
            node: None,
            is_known: false,
        }),
        _ => Err(Failure::not_found(unknown.to_string()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_found_also_by_its_mark() {
        let snapshot: Snapshot = [
            (
                "/containers/h1/abc0",
                r#"{"name":"web","image":"i","state":"running"}"#,
            ),
            ("/maintenance/containers/def0", "{}"),
        ]
        .into_iter()
        .collect();
        let meant = container(&snapshot, "web").unwrap();
        assert_eq!(meant.subject, Subject::Container("abc0".to_owned()));
        assert_eq!(meant.label, "container h1/web");
        assert_eq!(meant.node.as_deref(), Some("h1"));
        let meant = container(&snapshot, "de").unwrap();
        assert_eq!(meant.subject, Subject::Container("def0".to_owned()));
        assert!(!meant.is_known);
        assert!(container(&snapshot, "x").is_err());
        assert!(container(&snapshot, "").is_err());
    }
}
