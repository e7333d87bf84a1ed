//! What was acquired, and for how long it certainly stays so.

mod vigil;

pub use self::vigil::{Lost, Standing};

use crate::{error::Error, ticket::Ticket};
use dockeeper_zk_client::{BootInstant, Lease, Multi, State};
use tokio::{
    sync::watch,
    task::{self, AbortHandle},
};

/// A lock, a permit or a leadership. Dropping it gives it up in the background.
#[derive(Debug)]
pub struct Held {
    path: String,
    node: String,
    token: i64,
    session: i64,
    /// `None` once it is being released.
    ticket: Option<Ticket>,
    standing: watch::Sender<Standing>,
    vigil: AbortHandle,
}

// === impl Held ===

impl Held {
    /// Takes over a ticket whose turn it is.
    pub(crate) async fn new(mut ticket: Ticket, path: &str) -> Result<Self, Error> {
        // From here on the client renews it.
        let mut lease = ticket.client().lease();
        let until = sure_until(&ticket, &mut lease).await?;
        let client = ticket.client().clone();
        let session = client.session().map_or(0, |session| session.id);
        let node = ticket.path();
        let (standing, _) = watch::channel(Standing::Sure { until });
        let removal = vigil::removal(client.clone(), node.clone(), session, ticket.take_removal());
        let keeping = vigil::keep(client, removal, lease, standing.clone());
        Ok(Self {
            path: path.to_owned(),
            node,
            token: ticket.czxid(),
            session,
            ticket: Some(ticket),
            standing,
            vigil: task::spawn(keeping).abort_handle(),
        })
    }

    /// The znode that was contended for, as the client sees it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The holder's own znode, as the client sees it.
    pub fn node(&self) -> &str {
        &self.node
    }

    /// The fencing token: the zxid that created the holder's znode. Whoever acquires the same later
    /// has a higher one, also when the parent was deleted and its children are numbered anew. A
    /// resource that refuses lower tokens than it has seen is safe from late holders. Of a
    /// semaphore's permits, held by several, it only tells who came first.
    pub fn token(&self) -> i64 {
        self.token
    }

    /// The session that holds it.
    pub fn session(&self) -> i64 {
        self.session
    }

    /// For how long it certainly stays the holder's, to be watched.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Waits until it is the holder's no longer, and why.
    pub async fn lost(&self) -> Lost {
        let mut standing = self.standing();
        let lost = standing.wait_for(|standing| standing.lost().is_some());
        // The sender lives in this very handle.
        let lost = lost.await.ok().and_then(|standing| standing.lost());
        lost.unwrap_or(Lost::Released)
    }

    /// Makes writes conditional on holding it still: ZooKeeper carries them out only while the
    /// holder's znode is there, and refuses all of them with
    /// [`NoNode`](dockeeper_zk_client::ErrorCode::NoNode) of that znode otherwise. The check is the
    /// first of the results.
    ///
    /// ```no_run
    /// # use dockeeper_recipes::Held;
    /// # use dockeeper_zk_client::{Client, Error, ErrorCode, Multi};
    /// # async fn example(client: &Client, held: &Held) -> Result<(), Error> {
    /// let write = Multi::new().set("/reports/last", "2024-05-01", None);
    /// match client.multi(held.guarded(write)).await {
    ///     Ok(_) => println!("written while the lock was held"),
    ///     Err(error) if error.is(ErrorCode::NoNode) && error.path() == held.node() => {
    ///         println!("the lock was lost, and nothing was written");
    ///     }
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn guarded(&self, multi: Multi) -> Multi {
        Multi::new().check(&self.node, None).append(multi)
    }

    /// Gives it up. When this returns the next one can have it. It is given up all the same when
    /// this is cancelled.
    ///
    /// # Errors
    ///
    /// [`Error::SessionOver`] when the server has taken it back before, or does so with the session;
    /// [`Error::Refused`] when the znode may not be deleted.
    pub async fn release(mut self) -> Result<(), Error> {
        self.end();
        match self.ticket.take() {
            Some(ticket) => ticket.give_up().await,
            None => Ok(()),
        }
    }

    /// Parts with it and leaves it to the session, which a later process may go on with. Nobody
    /// here is told any more when it is lost.
    pub fn leave(mut self) {
        self.end();
        if let Some(ticket) = self.ticket.take() {
            ticket.leave();
        }
    }

    fn end(&self) {
        self.vigil.abort();
        vigil::publish(&self.standing, Standing::Lost(Lost::Released));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.end();
    }
}

/// Until when the session certainly lives. What was acquired on the last word of a server that has
/// fallen silent is worth nothing before the next one.
async fn sure_until(
    ticket: &Ticket,
    lease: &mut watch::Receiver<Option<Lease>>,
) -> Result<BootInstant, Error> {
    ticket.assure().await?;
    let clock = ticket.client().clock();
    let is_sure = |lease: &Lease| lease.sure_until() > clock.now();
    let mut state = ticket.client().state();
    let ended = state.wait_for(|state| matches!(state, State::Ended(_)));
    let sure = lease.wait_for(|lease| lease.as_ref().is_some_and(is_sure));
    let lease = tokio::select! {
        biased;
        _ = ended => None,
        lease = sure => lease.ok().and_then(|lease| *lease),
    };
    let until = lease.map(|lease| lease.sure_until());
    until.ok_or_else(|| ticket.session_over())
}
