//! Requests that outlast a lost connection.

use crate::pause::Pauses;
use dockeeper_zk_client::{Error, ErrorKind};
use tokio::time;

/// Asks again for as long as there is no connection, or the server has too much to do: until the
/// session is over at the latest. For what changes nothing, or the same when it is done twice.
pub(crate) async fn repeat<T, F>(mut ask: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut pauses = Pauses::default();
    loop {
        match ask().await {
            Err(error) if passes(&error) => pause(&mut pauses).await,
            answered => return answered,
        }
    }
}

/// Whether the same request may go through later.
pub(crate) fn passes(error: &Error) -> bool {
    error.is_disconnected() || error.is_transient()
}

/// Whether nobody knows if a write took effect, and it may be asked.
pub(crate) fn is_unsettled(error: &Error) -> bool {
    let is_unknown = matches!(error.kind(), ErrorKind::Unknown(_));
    error.is_transient() || (is_unknown && error.is_disconnected())
}

pub(crate) async fn pause(pauses: &mut Pauses) {
    time::sleep(pauses.next(fastrand::f64())).await;
}
