//! Work that blocks, done away from the runtime's own threads.

use crate::error::Result;

/// Runs `work` on a thread where it may block. It runs to its end even if the caller stops waiting.
pub(crate) async fn run<T, W>(work: W) -> Result<T>
where
    T: Send + 'static,
    W: FnOnce() -> Result<T> + Send + 'static,
{
    let result = tokio::task::spawn_blocking(work).await;
    result.expect("nothing aborts the work, and a panic is passed on")
}
