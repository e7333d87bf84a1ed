//! A place in a line: an ephemeral znode of this session, with a number from the server.

mod adoption;
mod creation;
mod remains;

pub(crate) use self::creation::Kind;

use crate::{
    background::Background,
    error::Error,
    naming::{Identifier, Naming},
    options::Options,
    patience,
    pause::Pauses,
};
use dockeeper_zk_client::{self as zk, Client, ErrorCode, OneShot, Stat, path};
use remains::Remains;

/// How often a parent is made that is gone again when the child is created. Its server removes one
/// that is empty, once a minute at most; more often, somebody deletes it on purpose.
const PARENT_ROUNDS_MAX: usize = 16;

/// For which part of the session time-out at least a lease has to be sure when something is acquired.
/// The client may sleep for a quarter of it before it notices that somebody watches the lease.
const FRESH_PART: u32 = 2;

/// A contender's znode. Dropping it deletes the znode in the background.
#[derive(Debug)]
pub(crate) struct Ticket {
    client: Client,
    background: Background,
    parent: String,
    naming: Naming,
    identifier: Identifier,
    /// The child's name, once it is known.
    name: String,
    czxid: i64,
    /// Whether nobody else can have what is contended for while the znode is there, should it be its
    /// turn.
    is_exclusive: bool,
    is_first: bool,
    /// Tells that the znode was deleted, if somebody waits for that already.
    removal: Option<OneShot>,
    /// Whether more than one znode with this identifier may be there, or come.
    is_doubtful: bool,
    is_settled: bool,
}

// === impl Ticket ===

impl Ticket {
    /// Creates a znode under `parent`, which is made where it is missing.
    ///
    /// When the answer to the creation is lost, the children are searched for the znode, and
    /// whatever is found has to belong to this session.
    pub(crate) async fn take(
        client: &Client,
        parent: &str,
        kind: Kind<'_>,
        options: &Options,
    ) -> Result<Self, Error> {
        // Made first: dropped with this future, it takes back what may have been created.
        let mut ticket = Self::new(client, parent, kind, options.naming);
        let mut pauses = Pauses::default();
        let mut rounds = 0;
        loop {
            let created = match ticket.create(kind, options).await {
                Ok(created) => created,
                Err(error) if error.is(ErrorCode::NoNode) && kind.is_guard(error.path()) => {
                    return Err(Error::Removed {
                        node: error.path().to_owned(),
                    });
                }
                Err(error) if error.is(ErrorCode::NoNode) && rounds < PARENT_ROUNDS_MAX => {
                    rounds += 1;
                    ticket.make_parent().await?;
                    continue;
                }
                Err(error) if patience::is_unsettled(&error) => {
                    ticket.is_doubtful = true;
                    patience::pause(&mut pauses).await;
                    ticket.find().await?
                }
                Err(error) if patience::passes(&error) => continue,
                Err(error) => return Err(ticket.error(error)),
            };
            match created {
                Some((name, stat)) if ticket.is_own(&stat) => {
                    ticket.name = name;
                    ticket.czxid = stat.czxid;
                    return Ok(ticket);
                }
                // One of another session, which may be about to end.
                Some(_) => ticket.identifier = identifier(),
                None => {}
            }
        }
    }

    fn new(client: &Client, parent: &str, kind: Kind<'_>, naming: Naming) -> Self {
        Self {
            client: client.clone(),
            background: Background::current(),
            parent: parent.to_owned(),
            naming,
            identifier: identifier(),
            name: String::new(),
            czxid: 0,
            is_exclusive: kind.is_exclusive(),
            is_first: false,
            removal: None,
            is_doubtful: false,
            is_settled: false,
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn parent(&self) -> &str {
        &self.parent
    }

    /// The child's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The child's path.
    pub(crate) fn path(&self) -> String {
        path::join(&self.parent, &self.name)
    }

    pub(crate) fn czxid(&self) -> i64 {
        self.czxid
    }

    /// It is this one's turn, and stays so until the znode is deleted.
    pub(crate) fn set_first(&mut self) {
        self.is_first = true;
    }

    /// Takes over the watch on the znode.
    pub(crate) fn set_removal(&mut self, removal: OneShot) {
        self.removal = Some(removal);
    }

    /// What tells of the znode's deletion, if somebody watches it.
    pub(crate) fn take_removal(&mut self) -> Option<OneShot> {
        self.removal.take()
    }

    /// Asks the leader whether the session lives, unless that is certain for a while. One who has
    /// waited for long has not asked: the lease of those who wait is not renewed.
    pub(crate) async fn assure(&self) -> Result<(), Error> {
        let lease = *self.client.lease().borrow();
        let now = self.client.clock().now();
        if lease.is_some_and(|lease| lease.sure_until() - now >= lease.session_timeout / FRESH_PART)
        {
            return Ok(());
        }
        let asked = patience::repeat(|| self.client.sync(&self.parent)).await;
        asked.map_err(|error| self.error(error))
    }

    /// What an error of the client's means for the one who waits.
    pub(crate) fn error(&self, error: zk::Error) -> Error {
        Error::of(&self.client, &self.parent, error)
    }

    pub(crate) fn session_over(&self) -> Error {
        Error::session_over(&self.client, &self.parent)
    }

    /// Deletes the znode. When this returns it is gone, unless the session ended or ZooKeeper
    /// refused. It is deleted all the same when this is cancelled.
    pub(crate) async fn give_up(mut self) -> Result<(), Error> {
        // Cancelled, this is done again by `drop`.
        let cleared = self.remains().clear().await;
        self.is_settled = true;
        cleared.map_err(|error| self.error(error))
    }

    /// Looks for a znode whose creation nobody answered.
    async fn find(&self) -> Result<Option<(String, Stat)>, Error> {
        let found = self.remains().find().await;
        for name in found.map_err(|error| self.error(error))? {
            let path = path::join(&self.parent, &name);
            let stat = patience::repeat(|| self.client.exists(&path)).await;
            if let Some(stat) = stat.map_err(|error| self.error(error))? {
                return Ok(Some((name, stat)));
            }
        }
        Ok(None)
    }

    fn is_own(&self, stat: &Stat) -> bool {
        let session = self.client.session();
        session.is_some_and(|session| session.id == stat.ephemeral_owner)
    }

    fn remains(&self) -> Remains {
        let is_known = !self.name.is_empty() && !self.is_doubtful;
        Remains {
            client: self.client.clone(),
            parent: self.parent.clone(),
            protection: self.naming.protection(self.identifier),
            node: is_known.then(|| self.path()),
            passes_on: self.is_first && self.is_exclusive,
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.is_settled {
            let remains = self.remains();
            let what = "delete a contender's znode, which stays until its session ends";
            self.background.run(what, &self.parent, remains.clear());
        }
    }
}

fn identifier() -> Identifier {
    Identifier::new(fastrand::u128(..))
}
