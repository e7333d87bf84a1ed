//! The places in elections that an earlier process of the agent took in this session.

use crate::{host::registrar::RETRY_INTERVAL, trouble::Trouble};
use dockeeper_engine::ContainerId;
use dockeeper_model::{holder::Identity, layout};
use dockeeper_zk_client::{Client, Error, ErrorCode};
use std::collections::BTreeMap;
use tokio::time::{Instant, sleep};

/// A place in an election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leftover {
    pub(super) election: String,
    /// The name of the candidate's znode.
    pub(super) name: String,
}

// === impl Leftover ===

impl Leftover {
    pub(super) fn path(&self) -> String {
        format!("{}/{}/{}", layout::ELECTIONS, self.election, self.name)
    }

    /// Gives it up, in the background.
    pub(super) fn delete(self, client: &Client) {
        let (client, path) = (client.clone(), self.path());
        tokio::spawn(async move {
            // With the session's end it goes by itself.
            if let Err(error) = client.delete(&path, None).await {
                tracing::debug!(path, %error, "cannot give up a place that nobody wants any more");
            }
        });
    }
}

/// Finds the places, by the containers that they are for; `None` when the session is over. One
/// container has several only when an answer was lost.
pub(super) async fn find(client: &Client) -> Option<BTreeMap<ContainerId, Vec<Leftover>>> {
    let mut trouble = Trouble::default();
    loop {
        match try_find(client).await {
            Ok(found) => return Some(found),
            Err(error) if error.is_session_over() => return None,
            Err(error) => {
                if trouble.occurs(Instant::now()).is_some() {
                    tracing::warn!(%error, "cannot read who stands for election; trying again");
                }
                sleep(RETRY_INTERVAL).await;
            }
        }
    }
}

async fn try_find(client: &Client) -> Result<BTreeMap<ContainerId, Vec<Leftover>>, Error> {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for path in client.ephemerals(layout::ELECTIONS).await? {
        let Some((election, name)) = layout::two_names(&path, layout::ELECTIONS) else {
            continue;
        };
        let content = match client.get(&path).await {
            Ok((content, _)) => content,
            Err(error) if error.is(ErrorCode::NoNode) => continue,
            Err(error) => return Err(error),
        };
        if let Identity::Holder(holder) = Identity::read(&content)
            && let Some(id) = holder
                .container
                .and_then(|container| container.id.parse().ok())
        {
            found.entry(id).or_default().push(Leftover {
                election: election.to_owned(),
                name: name.to_owned(),
            });
        }
    }
    Ok(found)
}
