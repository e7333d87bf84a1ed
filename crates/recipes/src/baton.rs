//! The turn, handed from one of ours to the next without another look at all who wait.
//!
//! Who is woken by its predecessor's deletion knows only that this one has gone: others before it
//! may still be there, so it lists all children, which takes longer the more of them wait. But the
//! one that goes knows that it was the first. It says so with a mark: a znode of a name made of its
//! own, created and deleted by the transaction that deletes its own, so that nobody ever sees it
//! but in a watch's event. Its successor watches for that as well as for the deletion.
//!
//! Why the successor then is the first:
//!
//! * Nobody comes before a contender later: the server numbers children upwards, and the parent
//!   cannot be deleted and made anew while it has a child.
//! * So the one that was the first when it looked was so as long as it was there, and when it went
//!   nobody with a lower number was there. (A reader is not alone, and says nothing.)
//! * Of those that the successor saw before it, its predecessor was the last that bars its way: all
//!   others have lower numbers, and were gone.
//! * The successor is still there itself: it watches its own znode, and the events of one
//!   connection come in the order of what they tell of. After a new connection it looks.
//!
//! Everybody else deletes a znode without a mark, as do Curator, kazoo, expired sessions and
//! whoever breaks a lock: then the successor looks. To them, a mark is nothing but a number that is
//! left out.

use crate::{error::Error, patience, ticket::Ticket};
use dockeeper_zk_client::{Client, CreateMode, Error as Refused, Multi, OneShot, State, path};
use tokio::sync::watch;

/// What the name of a mark has behind that of the one who goes.
const MARK: &str = "-passed-on";

/// What a contender waits with.
#[derive(Debug)]
pub(crate) struct Wait {
    /// On the predecessor.
    gone: OneShot,
    /// On the predecessor's mark.
    mark: OneShot,
    /// On the contender's own znode.
    own: OneShot,
    /// Changes with the connection: the watches are then made again one after another.
    state: watch::Receiver<State>,
}

/// How a predecessor went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    /// It was the first, and it is the next one's turn.
    PassedOn,
    /// Nobody knows who is first now.
    Silently,
}

/// Deletes the znode of one whose turn it was, and passes the turn on.
pub(crate) async fn pass_on(client: &Client, node: &str) -> Result<(), Refused> {
    let mark = mark(node);
    let going = Multi::new()
        .create(&mark, "", CreateMode::Persistent)
        .delete(&mark, None)
        .delete(node, None);
    let gone = patience::repeat(|| client.multi(going.clone())).await;
    gone.map(drop)
}

fn mark(node: &str) -> String {
    format!("{node}{MARK}")
}

// === impl Wait ===

impl Wait {
    /// Watches the one before a ticket; `None` when there is something to look at already.
    pub(crate) async fn behind(ticket: &Ticket, before: &str) -> Result<Option<Self>, Error> {
        let mut state = ticket.client().state();
        state.mark_unchanged();
        let before = path::join(ticket.parent(), before);
        let (mark, own) = (mark(&before), ticket.path());
        let watch = async |path| patience::repeat(|| ticket.client().exists_and_watch(path)).await;
        let watched = tokio::try_join!(watch(&before), watch(&mark), watch(&own));
        match watched.map_err(|error| ticket.error(error))? {
            ((Some(_), gone), (None, mark), (Some(_), own)) => Ok(Some(Self {
                gone,
                mark,
                own,
                state,
            })),
            _ => Ok(None),
        }
    }

    /// Waits until the one before has gone.
    pub(crate) async fn end(mut self, ticket: &mut Ticket) -> Result<Gone, Error> {
        self.gone.fired().await.map_err(|_| ticket.session_over())?;
        // Of the mark and of a deletion of the own znode before it, word has come by now.
        let is_sure = self.mark.has_fired() && !self.own.has_fired();
        if !is_sure || self.state.has_changed().unwrap_or(true) {
            return Ok(Gone::Silently);
        }
        ticket.set_removal(self.own);
        Ok(Gone::PassedOn)
    }
}
