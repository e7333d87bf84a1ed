use std::time::Duration;

/// The command by which the engine finds out whether a container is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// The command and its arguments.
    pub command: Vec<String>,
    /// How long the engine pauses before the next.
    pub interval: Duration,
    /// How long one may take.
    pub timeout: Duration,
    /// For how long after its start the container need not be well.
    pub start_period: Duration,
    /// How many in a row have to fail.
    pub retries: u32,
}
