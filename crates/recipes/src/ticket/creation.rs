use super::Ticket;
use crate::{
    create,
    error::Error,
    naming::{Naming, Role},
    options::Options,
    patience,
};
use dockeeper_zk_client::{self as zk, CreateMode, CreateOptions, Multi, Stat, path};

/// What kind of znode a ticket is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind<'a> {
    /// A place in a line: the server appends its number.
    Numbered(Role),
    /// A lease of kazoo's semaphore, created only while the znode `guard` is there.
    Lease { guard: &'a str },
}

// === impl Kind ===

impl Kind<'_> {
    pub(super) fn is_exclusive(self) -> bool {
        matches!(self, Self::Numbered(Role::Lock | Role::Latch | Role::Write))
    }

    pub(super) fn is_guard(self, path: &str) -> bool {
        matches!(self, Self::Lease { guard } if guard == path)
    }
}

// === impl Ticket ===

impl Ticket {
    /// The name and the metadata of a new znode; `None` when it is gone again.
    pub(super) async fn create(
        &self,
        kind: Kind<'_>,
        options: &Options,
    ) -> Result<Option<(String, Stat)>, zk::Error> {
        let data = options.data.clone();
        let with = |mode| CreateOptions {
            acl: options.acl.clone(),
            ..CreateOptions::new(mode)
        };
        match kind {
            Kind::Numbered(role) => {
                let prefix = self.naming.prefix(role, self.identifier);
                let path = path::join(&self.parent, &prefix);
                let with = with(CreateMode::EphemeralSequential);
                let created = self.client.create_with(&path, data, with).await?;
                let name = path::name(&created.path).to_owned();
                Ok(Some((name, created.stat)))
            }
            Kind::Lease { guard } => {
                let name = Naming::lease(self.identifier);
                let path = path::join(&self.parent, &name);
                let with = with(CreateMode::Ephemeral);
                let create = Multi::new()
                    .check(guard, None)
                    .create_with(&path, data, with);
                self.client.multi(create).await?;
                let stat = patience::repeat(|| self.client.exists(&path)).await?;
                Ok(stat.map(|stat| (name, stat)))
            }
        }
    }

    pub(super) async fn make_parent(&self) -> Result<(), Error> {
        let mode = match self.naming {
            Naming::Curator => CreateMode::Container,
            // Its objects make the parent once and fail when it is gone later.
            Naming::Kazoo => CreateMode::Persistent,
        };
        let made = create::ensure(&self.client, &self.parent, mode).await;
        made.map_err(|error| self.error(error))
    }
}
