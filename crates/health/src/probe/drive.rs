//! A connection and what happens on it, in one future.

use std::pin::pin;

/// Polls a client's connection for as long as the exchange on it lasts.
///
/// Nothing is spawned, so the connection is closed when this future ends or is dropped, however
/// its peer behaves. A connection that ends early fails the exchange by itself.
pub(super) async fn drive<T>(connection: impl Future, exchange: impl Future<Output = T>) -> T {
    let mut connection = pin!(connection);
    let mut exchange = pin!(exchange);
    tokio::select! {
        biased;
        result = &mut exchange => return result,
        _ = &mut connection => {}
    }
    exchange.await
}
