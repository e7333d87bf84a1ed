use super::{Ask, Trouble};
use dockeeper_engine::{Container, ContainerId, Engine, Error, Scope};
use dockeeper_model::layout::{CONTAINERS, SERVICES};
use dockeeper_zk_client::{Client, path};
use std::sync::Arc;
use tokio::time::Instant;

/// What Docker answered.
pub(super) enum Answer {
    Listed(Vec<ContainerId>),
    Inspected(ContainerId, Option<Box<Container>>),
    Failed(Ask, Error),
}

pub(super) async fn ask<E: Engine>(engine: Arc<E>, ask: Ask) -> Answer {
    let answer = match ask {
        Ask::List => engine.list(Scope::Running).await.map(Answer::Listed),
        Ask::Inspect(id) => {
            let found = engine.inspect(&id).await;
            found.map(|found| Answer::Inspected(id, found.map(Box::new)))
        }
    };
    answer.unwrap_or_else(|error| Answer::Failed(ask, error))
}

/// The znodes that the session has registered; `None` when the session is over.
pub(super) async fn list_own(client: Client) -> Option<Vec<String>> {
    let mut trouble = Trouble::default();
    loop {
        match client.ephemerals("/").await {
            Ok(mut paths) => {
                let is_ours =
                    |p: &String| path::is_within(p, CONTAINERS) || path::is_within(p, SERVICES);
                paths.retain(is_ours);
                return Some(paths);
            }
            Err(error) if error.is_session_over() => return None,
            Err(error) => {
                if trouble.occurs(Instant::now()).is_some() {
                    tracing::warn!(%error, "cannot read what is registered; trying again");
                }
                tokio::time::sleep(super::RETRY_INTERVAL).await;
            }
        }
    }
}
