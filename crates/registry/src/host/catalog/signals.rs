use crate::host::stopping::Signalled;
use dockeeper_engine::ContainerId;
use std::collections::VecDeque;

/// How many signals are kept: as many events as Docker repeats.
const SIGNALS_MAX: usize = 256;

/// The signals to containers that nothing is known of yet: of those that were just started, and,
/// when the agent was, of all.
#[derive(Debug, Default)]
pub(super) struct Signals(VecDeque<(ContainerId, Signalled)>);

// === impl Signals ===

impl Signals {
    pub(super) fn keep(&mut self, id: ContainerId, signalled: Signalled) {
        if self.0.len() == SIGNALS_MAX {
            self.0.pop_front();
        }
        self.0.push_back((id, signalled));
    }

    /// The signals to a container, in their order; they are not kept any longer.
    pub(super) fn take(&mut self, id: ContainerId) -> Vec<Signalled> {
        let is_its = |(to, _): &&(ContainerId, Signalled)| *to == id;
        let taken = self
            .0
            .iter()
            .filter(is_its)
            .map(|(_, signalled)| *signalled);
        let taken = taken.collect();
        self.0.retain(|(to, _)| *to != id);
        taken
    }
}
