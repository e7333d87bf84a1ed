//! The word that it is time to end.

use tokio::sync::watch;

/// Told to everything that runs until the server ends.
#[derive(Clone, Debug)]
pub(super) struct Stop(watch::Receiver<bool>);

/// Tells it. Dropping it does, too.
#[derive(Debug)]
pub(super) struct Stopper(watch::Sender<bool>);

// === impl Stop ===

impl Stop {
    /// Ends when it is time.
    pub(super) async fn told(&mut self) {
        // Without a sender there is nobody left to serve for.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

// === impl Stopper ===

impl Stopper {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// One more to be told.
    pub(super) fn listener(&self) -> Stop {
        Stop(self.0.subscribe())
    }

    pub(super) fn stop(&self) {
        self.0.send_replace(true);
    }
}
