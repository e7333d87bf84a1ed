use std::time::Duration;

/// How often an engine that is silent is asked for a sign of life.
const PING_INTERVAL: Duration = Duration::from_secs(30);

/// How to watch an engine.
#[derive(Clone, Debug)]
pub struct Config {
    /// After this long without an event the engine is pinged. A failure counts as the loss of the
    /// stream: over TCP nothing else tells that the other side is gone.
    pub ping_interval: Duration,
    /// How far back the first stream goes: what the engine remembers of the time before the watch
    /// is told too.
    pub replay: Duration,
    /// The seed of the jitter between attempts; by default drawn at random. A simulation sets it.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ping_interval: PING_INTERVAL,
            replay: Duration::ZERO,
            seed: fastrand::u64(..),
        }
    }
}
