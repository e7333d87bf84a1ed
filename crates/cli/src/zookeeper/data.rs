//! Whether there is anything of Dockeeper's to read.

use super::Session;
use crate::exit::Failure;
use dockeeper_model::layout;
use dockeeper_registry::cluster::Scope;
use dockeeper_zk_client::ErrorCode;

/// What an agent has below the chroot as long as it runs, what holders have there, and what stays
/// behind.
const ROOTS: [&str; 9] = [
    layout::NODES,
    layout::CONTAINERS,
    layout::SERVICES,
    layout::MAINTENANCE,
    layout::LOCKS,
    layout::SEMAPHORES,
    layout::ELECTIONS,
    layout::CONFIG,
    layout::SECRETS,
];

/// A mistaken chroot looks like an empty cluster: every read finds nothing. A mirror goes on without
/// what it may not read, even where that is everything. So both are asked for first.
pub(super) async fn check(session: &Session, scopes: &[Scope]) -> anyhow::Result<()> {
    let mut is_there = false;
    for scope in scopes {
        match session.client.list(&scope.root()).await {
            Ok(_) => is_there = true,
            Err(error) if error.is(ErrorCode::NoNode) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if is_there || holds_data(session).await? {
        return Ok(());
    }
    let servers = session.servers.hosts().iter().map(ToString::to_string);
    Err(Failure::not_found(format!(
        "there is no Dockeeper data under {} at {}: has an agent been started with the same --zk?",
        session.servers.chroot(),
        servers.collect::<Vec<_>>().join(",")
    ))
    .into())
}

async fn holds_data(session: &Session) -> anyhow::Result<bool> {
    match session.client.list("/").await {
        Ok((names, _)) => Ok(names.iter().any(|name| {
            // Some lie in a folder.
            ROOTS
                .iter()
                .any(|root| root.split('/').nth(1) == Some(name.as_str()))
        })),
        Err(error) if error.is(ErrorCode::NoNode) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
