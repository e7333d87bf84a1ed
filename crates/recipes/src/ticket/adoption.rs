//! A ticket of an earlier process, whose session this one goes on with.

use super::{Kind, Ticket};
use crate::{
    contest,
    error::Error,
    naming::{Naming, Role},
    patience,
};
use dockeeper_zk_client::Client;

// === impl Ticket ===

impl Ticket {
    /// A candidate's znode that was made in this session. Dropping this deletes it, whether it was
    /// [recognised](Self::recognise) or not.
    pub(crate) fn adopt(client: &Client, parent: &str, name: &str, naming: Naming) -> Self {
        let mut ticket = Self::new(client, parent, Kind::Numbered(Role::Latch), naming);
        ticket.name = name.to_owned();
        ticket
    }

    /// Looks whether the znode is there and this session's.
    pub(crate) async fn recognise(mut self) -> Result<Self, Error> {
        let path = self.path();
        let found = patience::repeat(|| self.client.exists(&path)).await;
        match found.map_err(|error| self.error(error))? {
            Some(stat) if self.is_own(&stat) => {
                self.czxid = stat.czxid;
                Ok(self)
            }
            Some(_) | None => {
                let removed = contest::removed(&self);
                self.leave();
                Err(removed)
            }
        }
    }

    /// Leaves the znode to the session.
    pub(crate) fn leave(mut self) {
        self.is_settled = true;
    }
}
