//! Requests that are made again when the connection breaks or the server is busy.

use dockeeper_zk_client::{Error, ErrorKind, error::Unknown};
use std::time::Duration;
use tokio::time;

/// How often a request is made. It waits for a connection by itself: this is for those that break.
const TRIES_MAX: u32 = 5;

/// The longest pause before the first repetition.
const PAUSE_FIRST: Duration = Duration::from_millis(25);

/// The longest pause of all.
const PAUSE_LONGEST: Duration = Duration::from_secs(1);

/// Makes a request that is the same when it takes effect twice.
pub(super) async fn patiently<T, F>(mut ask: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut tries = 1;
    loop {
        match ask().await {
            Err(error) if tries < TRIES_MAX && passes(&error) => pause(tries).await,
            answered => return answered,
        }
        tries += 1;
    }
}

/// Whether the same request may go through soon. Not one that has waited for its limit.
fn passes(error: &Error) -> bool {
    let is_lost = matches!(error.kind(), ErrorKind::Unknown(Unknown::ConnectionLost));
    is_lost || error.is_transient()
}

/// Waits before the next try: exponentially longer, with "equal jitter" (M. Brooker, "Exponential
/// Backoff And Jitter", 2015), so that those who got in each other's way do not do so again.
pub(super) async fn pause(tries: u32) {
    let factor = 2_u32.saturating_pow(tries - 1);
    let half = PAUSE_FIRST.saturating_mul(factor).min(PAUSE_LONGEST) / 2;
    time::sleep(half + half.mul_f64(fastrand::f64())).await;
}
