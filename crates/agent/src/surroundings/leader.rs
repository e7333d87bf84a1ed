//! Which container leads an election.

use super::look::Look;
use dockeeper_config::{host::surroundings::Teller, template::Leader};
use dockeeper_engine::ContainerId;
use dockeeper_model::{
    ContainerRecord, Instance, LockName, NodeName, NodeRecord, container::InstanceStatus, decode,
    election::Role, holder::Identity, layout,
};
use dockeeper_recipes::{Naming, line::Line};
use dockeeper_zk_client::{Client, Error as ZooKeeper, path};
use std::time::Duration;
use tokio::time::sleep;

/// How long before ZooKeeper is asked again that had too much to do, or lost the connection.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// How long before ZooKeeper is asked again that refused.
const REFUSED_PAUSE: Duration = Duration::from_secs(10);

/// Why it cannot be told who leads.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    ZooKeeper(#[from] ZooKeeper),
    #[error(
        "{path} has the child {name:?}, which is no candidate of Dockeeper's or of Curator's: delete it"
    )]
    Foreign { path: String, name: String },
}

/// Tells which container leads an election, until the session is over. As `dockeeper discover
/// --leader` has it: one that stands because of its label, whose turn it is, and that has been told.
pub(super) async fn follow(client: Client, election: LockName, told: Teller<Option<Leader>>) {
    loop {
        let mut look = Look::new(&client);
        match leader(&mut look, &election).await {
            Ok(leader) => {
                told.known(leader);
                if look.changed().await.is_err() {
                    return;
                }
            }
            Err(Error::ZooKeeper(error)) if error.is_session_over() => return,
            Err(Error::ZooKeeper(error)) if error.is_disconnected() || error.is_transient() => {
                sleep(RETRY_INTERVAL).await;
            }
            Err(error) => {
                told.refused(error.to_string());
                sleep(REFUSED_PAUSE).await;
            }
        }
    }
}

async fn leader(look: &mut Look<'_>, election: &LockName) -> Result<Option<Leader>, Error> {
    let path = layout::election(election);
    let children = look.children(&path).await?;
    let seats = Line::election(Naming::Curator).seats(&children);
    let seats = seats.map_err(|name| Error::Foreign {
        path: path.clone(),
        name: name.to_owned(),
    })?;
    let Some(first) = seats.first() else {
        return Ok(None);
    };
    let Some((content, stat)) = look.get(&path::join(&path, first.name)).await? else {
        return Ok(None);
    };
    let Some((node, id)) = container(&content) else {
        return Ok(None);
    };
    let Some((content, _)) = look.get(&layout::container(&node, &id)).await? else {
        return Ok(None);
    };
    let Ok(record) = decode::<ContainerRecord>(&content) else {
        return Ok(None);
    };
    // The record of an earlier leadership has another token.
    let token = stat.czxid;
    let leads = record.elections.iter().any(|status| {
        status.name == *election && status.role == Role::Leader && status.token == Some(token)
    });
    if !leads {
        return Ok(None);
    }
    let Some((content, _)) = look.get(&layout::node(&node)).await? else {
        return Ok(None);
    };
    let Ok(host) = decode::<NodeRecord>(&content) else {
        return Ok(None);
    };
    Ok(Some(Leader {
        node: node.to_string(),
        address: host.address,
        id,
        container: record.name,
        token,
        instances: instances(look, &record.instances).await?,
    }))
}

/// The container that a candidate stands for.
fn container(candidate: &[u8]) -> Option<(NodeName, String)> {
    let Identity::Holder(holder) = Identity::read(candidate) else {
        return None;
    };
    let id: ContainerId = holder.container?.id.parse().ok()?;
    Some((holder.node?.parse().ok()?, id.to_string()))
}

/// Those of a container's instances that can be found.
async fn instances(
    look: &mut Look<'_>,
    statuses: &[InstanceStatus],
) -> Result<Vec<Instance>, ZooKeeper> {
    let mut instances = Vec::new();
    for status in statuses.iter().filter(|status| status.withheld.is_none()) {
        let (service, id) = (status.service.clone(), status.id.clone());
        let found = look.get(&layout::instance(&service, &id)).await?;
        let decoded = found.and_then(|(content, _)| Instance::decode(service, id, &content).ok());
        instances.extend(decoded);
    }
    Ok(instances)
}
