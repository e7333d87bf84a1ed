use dockeeper_engine::{ContainerId, Engine};
use dockeeper_model::{
    NodeName, decode,
    maintenance::{Maintenance, Subject},
};
use dockeeper_recipes::tree::Node;
use dockeeper_zk_client::Client;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What is out of service, by what it is.
pub(super) type Marks = BTreeMap<Subject, Maintenance>;

/// What is out of service, and the marks that cannot be read. Those count all the same: somebody
/// meant them.
pub(super) fn read(nodes: &BTreeMap<String, Node>) -> (Marks, BTreeSet<String>) {
    let mut marks = Marks::new();
    let mut foreign = BTreeSet::new();
    for (path, node) in nodes {
        let Some(subject) = Subject::from_path(path) else {
            continue;
        };
        let maintenance = decode(&node.data).unwrap_or_else(|_| {
            foreign.insert(path.clone());
            Maintenance {
                reason: "its znode has foreign content".to_owned(),
                ..Maintenance::default()
            }
        });
        marks.insert(subject, maintenance);
    }
    (marks, foreign)
}

/// The containers of this host that are marked.
pub(super) fn containers(marks: &Marks, node: &NodeName) -> Vec<ContainerId> {
    let of_node = |(subject, maintenance): (&Subject, &Maintenance)| match subject {
        Subject::Container(id) if maintenance.node.as_deref() == Some(node.as_str()) => {
            id.parse().ok()
        }
        _ => None,
    };
    marks.iter().filter_map(of_node).collect()
}

/// Forgets the marks of containers that Docker does not have any more: nobody can take them back.
/// One that has only stopped keeps its mark for its next start.
pub(super) async fn forget_removed<E: Engine>(
    engine: Arc<E>,
    client: Client,
    marked: Vec<ContainerId>,
) {
    for id in marked {
        if let Ok(None) = engine.inspect(&id).await {
            let path = Subject::Container(id.to_string()).path();
            // Another try comes with the next comparison.
            if let Err(error) = client.delete(&path, None).await {
                tracing::debug!(path, %error, "cannot forget the mark of a removed container");
            }
        }
    }
}
