//! One way to acquire: a place in the line, and the wait until nobody is before it.

use crate::{
    error::Error,
    held::Held,
    line::{Line, Position},
    naming::Role,
    options::Options,
    patience,
    ticket::{Kind, Ticket},
};
use dockeeper_zk_client::{Client, ErrorCode, path};

/// Takes a place under `parent` and waits for its turn.
pub(crate) async fn acquire(
    client: &Client,
    parent: &str,
    role: Role,
    line: Line,
    options: &Options,
) -> Result<Held, Error> {
    let ticket = Ticket::take(client, parent, Kind::Numbered(role), options).await?;
    turn(&ticket, line, options.wait).await?;
    Held::new(ticket, parent).await
}

/// Waits until it is the ticket's turn. Watches its predecessor only.
pub(crate) async fn turn(ticket: &Ticket, line: Line, wait: bool) -> Result<(), Error> {
    let (client, parent) = (ticket.client(), ticket.parent());
    loop {
        // Both at the same time: if it is this one's turn, the next thing to know is that the session
        // lives.
        let (children, ()) = tokio::try_join!(children(ticket), ticket.assure())?;
        let before = match line.position(&children, ticket.name()) {
            Position::First => return Ok(()),
            Position::Behind(before) => before,
            Position::Gone => return Err(removed(ticket)),
            Position::Foreign(name) => return Err(foreign(ticket, line, name)),
            Position::Exhausted => {
                return Err(Error::Exhausted {
                    path: parent.to_owned(),
                });
            }
        };
        if !wait {
            return Err(Error::Taken {
                path: parent.to_owned(),
                by: before.to_owned(),
            });
        }
        let before = path::join(parent, before);
        let watched = patience::repeat(|| client.exists_and_watch(&before)).await;
        if let (Some(_), gone) = watched.map_err(|error| ticket.error(error))? {
            gone.fired().await.map_err(|_| ticket.session_over())?;
        }
    }
}

/// The children of a ticket's parent; none when it is gone.
async fn children(ticket: &Ticket) -> Result<Vec<String>, Error> {
    match patience::repeat(|| ticket.client().list(ticket.parent())).await {
        Ok((children, _)) => Ok(children),
        Err(error) if error.is(ErrorCode::NoNode) => Ok(Vec::new()),
        Err(error) => Err(ticket.error(error)),
    }
}

/// Fails when somebody has deleted a ticket's znode.
pub(crate) async fn still_there(ticket: &Ticket) -> Result<(), Error> {
    let path = ticket.path();
    let there = patience::repeat(|| ticket.client().exists(&path)).await;
    match there.map_err(|error| ticket.error(error))? {
        Some(_) => Ok(()),
        None => Err(removed(ticket)),
    }
}

pub(crate) fn removed(ticket: &Ticket) -> Error {
    Error::Removed {
        node: ticket.path(),
    }
}

pub(crate) fn foreign(ticket: &Ticket, line: Line, name: &str) -> Error {
    Error::Foreign {
        path: ticket.parent().to_owned(),
        name: name.to_owned(),
        naming: line.naming(),
    }
}
