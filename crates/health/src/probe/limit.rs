//! The time limit of one probe, shared by its steps.

use std::error::Error;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::duration;
use crate::reason::Reason;

/// When a probe that has begun must be done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    deadline: Instant,
    timeout: Duration,
}

impl Limit {
    /// Begins now.
    pub(super) fn start(timeout: Duration) -> Self {
        Self {
            deadline: Instant::now() + timeout,
            timeout,
        }
    }

    /// Waits for one step of the probe; the reason of a failure says which step it was.
    pub(super) async fn step<T, E: Error>(
        self,
        what: &str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Reason> {
        match timeout_at(self.deadline, work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Reason::of(what, &error)),
            Err(_elapsed) => {
                let timeout = duration::format(self.timeout);
                Err(Reason::new(format!(
                    "{what}: not done within the time limit of {timeout}"
                )))
            }
        }
    }
}
