//! The probes that are running.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::{AbortHandle, JoinError, JoinSet};

use super::roster::{Due, ProbeId};
use crate::exec::Exec;
use crate::probe::Prober;
use crate::reason::Reason;
use crate::verdict::Outcome;

/// Probes as tasks, as many as the roster starts; dropping it ends them.
#[derive(Debug)]
pub(super) struct Flights<E> {
    prober: Arc<Prober<E>>,
    tasks: JoinSet<(ProbeId, Outcome)>,
    handles: HashMap<ProbeId, AbortHandle>,
}

impl<E: Exec> Flights<E> {
    pub(super) fn new(prober: Prober<E>) -> Self {
        Self {
            prober: Arc::new(prober),
            tasks: JoinSet::new(),
            handles: HashMap::new(),
        }
    }

    /// Begins a probe.
    pub(super) fn launch(&mut self, due: Due) {
        let prober = Arc::clone(&self.prober);
        let id = due.id;
        let handle = self
            .tasks
            .spawn(async move { (id, prober.run(&due.check, &due.target).await) });
        self.handles.insert(id, handle);
    }

    /// Ends a probe, whose outcome nobody wants any more.
    pub(super) fn cancel(&mut self, id: ProbeId) {
        if let Some(handle) = self.handles.remove(&id) {
            handle.abort();
        }
    }

    /// Waits for the next outcome; `None` when no probe is running. Can be dropped while waiting.
    pub(super) async fn land(&mut self) -> Option<(ProbeId, Outcome)> {
        loop {
            let landed = match self.tasks.join_next().await? {
                Ok(landed) => landed,
                Err(error) => match self.crashed(&error) {
                    Some(landed) => landed,
                    None => continue,
                },
            };
            // An outcome may have been on its way when its probe was cancelled.
            if self.handles.remove(&landed.0).is_some() {
                return Some(landed);
            }
        }
    }

    /// The outcome of a probe that panicked, which is a defect but no reason to forget the check;
    /// `None` for one that was cancelled.
    fn crashed(&self, error: &JoinError) -> Option<(ProbeId, Outcome)> {
        let task = error.id();
        let (id, _) = self
            .handles
            .iter()
            .find(|(_, handle)| handle.id() == task)?;
        tracing::error!(%error, "a health probe panicked");
        Some((*id, Outcome::Fail(Reason::of("the probe crashed", error))))
    }
}
