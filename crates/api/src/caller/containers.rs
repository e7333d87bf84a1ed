use crate::peer::{self, Group};
use dockeeper_engine::{Container, ContainerId, Engine, Error};
use futures_util::future::{BoxFuture, FutureExt};
use std::{io, sync::Arc};

/// What the engine and the kernel know of containers: an [`Engine`] without its type, for handlers
/// of requests.
pub(crate) trait Containers: Send + Sync + 'static {
    fn find(&self, id: ContainerId) -> BoxFuture<'_, Result<Option<Container>, Error>>;

    /// The control groups of a container's first process that have containers' names.
    fn groups(&self, pid: u32) -> io::Result<Vec<Group>>;
}

/// The containers of an engine on this host.
pub(crate) struct ByEngine<E>(pub(crate) Arc<E>);

// === impl ByEngine ===

impl<E: Engine> Containers for ByEngine<E> {
    fn find(&self, id: ContainerId) -> BoxFuture<'_, Result<Option<Container>, Error>> {
        async move { self.0.inspect(&id).await }.boxed()
    }

    fn groups(&self, pid: u32) -> io::Result<Vec<Group>> {
        peer::groups(pid)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use dockeeper_engine::fake::Fake;

    /// The containers of an engine without processes: each is in a group below `/docker`.
    pub(crate) struct ByFake(pub(crate) Fake);

    // === impl ByFake ===

    impl Containers for ByFake {
        fn find(&self, id: ContainerId) -> BoxFuture<'_, Result<Option<Container>, Error>> {
            async move { self.0.inspect(&id).await }.boxed()
        }

        fn groups(&self, pid: u32) -> io::Result<Vec<Group>> {
            let containers = self.0.containers();
            let found = containers.iter().find(|container| container.pid == pid);
            let found = found.ok_or(io::ErrorKind::NotFound)?;
            Ok(Group::all(&format!("0::/docker/{}\n", found.id)))
        }
    }
}
