use dockeeper_engine::{Container, ContainerId, Engine, Error};
use futures_util::future::{BoxFuture, FutureExt};
use std::sync::Arc;

/// What the engine knows of its containers: an [`Engine`] without its type, for handlers of
/// requests.
pub(crate) trait Containers: Send + Sync + 'static {
    fn find(&self, id: ContainerId) -> BoxFuture<'_, Result<Option<Container>, Error>>;
}

/// The containers of an engine.
pub(crate) struct ByEngine<E>(pub(crate) Arc<E>);

// === impl ByEngine ===

impl<E: Engine> Containers for ByEngine<E> {
    fn find(&self, id: ContainerId) -> BoxFuture<'_, Result<Option<Container>, Error>> {
        async move { self.0.inspect(&id).await }.boxed()
    }
}
