//! One way to acquire: a place in the line, and the wait until nobody is before it.

use crate::{
    baton::{Gone, Wait},
    contenders::children,
    error::Error,
    held::Held,
    line::{Line, Position},
    naming::Role,
    options::Options,
    patience,
    ticket::{Kind, Ticket},
};
use dockeeper_zk_client::Client;
use std::{convert::Infallible, time::Duration};
use tokio::time::Instant;

/// For how long one that has seen no foreign child relies on that when it is passed the turn. Where
/// the wait was longer, another look costs little beside it.
const LOOK_AGE_MAX: Duration = Duration::from_secs(5);

/// Takes a place under `parent` and waits for its turn.
pub(crate) async fn acquire(
    client: &Client,
    parent: &str,
    role: Role,
    line: Line,
    options: &Options,
) -> Result<Held, Error> {
    let mut ticket = Ticket::take(client, parent, Kind::Numbered(role), options).await?;
    turn(&mut ticket, line, options.wait).await?;
    Held::new(ticket, parent).await
}

/// Waits until it is the ticket's turn. Of the others, watches its predecessor only.
pub(crate) async fn turn(ticket: &mut Ticket, line: Line, wait: bool) -> Result<(), Error> {
    loop {
        let looked = Instant::now();
        // Both at the same time: if it is this one's turn, the next thing to know is that the session
        // lives.
        let (children, ()) =
            tokio::try_join!(children(ticket.client(), ticket.parent()), ticket.assure())?;
        let before = match line.position(&children, ticket.name()) {
            Position::First => {
                ticket.set_first();
                return Ok(());
            }
            Position::Behind(before) => before,
            Position::Gone => return Err(removed(ticket)),
            Position::Foreign(name) => return Err(foreign(ticket, line, name)),
            Position::Exhausted => {
                return Err(Error::Exhausted {
                    path: ticket.parent().to_owned(),
                });
            }
        };
        if !wait {
            return Err(Error::Taken {
                path: ticket.parent().to_owned(),
                by: before.to_owned(),
            });
        }
        let Some(waiting) = Wait::behind(ticket, before).await? else {
            continue;
        };
        if waiting.end(ticket).await? == Gone::PassedOn && looked.elapsed() < LOOK_AGE_MAX {
            ticket.set_first();
            return ticket.assure().await;
        }
    }
}

/// Waits until something happens to a ticket's znode, which is its deletion.
pub(crate) async fn gone(ticket: &Ticket) -> Result<Infallible, Error> {
    let path = ticket.path();
    loop {
        let found = patience::repeat(|| ticket.client().exists_and_watch(&path)).await;
        let (found, changed) = found.map_err(|error| ticket.error(error))?;
        if found.is_none() {
            return Err(removed(ticket));
        }
        changed.fired().await.map_err(|_| ticket.session_over())?;
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
