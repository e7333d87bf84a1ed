//! The port through which a command runs in a container.

use std::time::Duration;

/// Runs commands in containers; the caller implements it over its Docker Engine.
pub trait Exec: Send + Sync + 'static {
    /// Runs `command` in `container` and waits until it has exited.
    ///
    /// The implementation stops the command, or at least its own waiting, after `timeout`, and
    /// keeps only the first few KiB of the output. An error is a sentence that says what failed:
    /// it becomes the reason of the failure.
    fn exec(
        &self,
        container: &str,
        command: &[String],
        timeout: Duration,
    ) -> impl Future<Output = Result<ExecOutcome, String>> + Send;
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecOutcome {
    /// The exit code; 0 is a pass.
    pub exit_code: i64,
    /// The beginning of what it wrote to its standard output and error.
    pub output: String,
}
