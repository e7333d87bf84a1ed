//! Ends what is held for containers that have ended.

use crate::{
    caller::{ByEngine, Containers, Owner},
    holds::{Hold, Holds},
};
use dockeeper_engine::{
    Action, ContainerId, Engine,
    watch::{self, Change, Changes},
};
use futures_util::StreamExt;
use std::{sync::Arc, time::Duration};
use tokio::time::{self, MissedTickBehavior};

/// How often what is held is compared with what runs, whatever events said.
const COMPARE_INTERVAL: Duration = Duration::from_secs(30);

/// Watches the engine for the ends of containers.
///
/// The stream of events is its own. The registrar reads one too, but only while it has a session
/// with ZooKeeper, and in the order of its own work.
pub struct Deaths<E> {
    engine: ByEngine<E>,
    changes: Changes,
    holds: Holds,
}

// === impl Deaths ===

impl<E: Engine> Deaths<E> {
    pub(crate) fn new(engine: Arc<E>, holds: Holds) -> Self {
        let (changes, _) = watch::watch(engine.clone(), &watch::Config::default());
        Self {
            engine: ByEngine(engine),
            changes,
            holds,
        }
    }

    /// Works until it is dropped.
    pub async fn run(self) {
        let Self {
            engine,
            mut changes,
            holds,
        } = self;
        let mut tick = time::interval(COMPARE_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(change) = changes.next() => match change {
                    Change::Event(event) if is_end(&event.action) => end_all(&holds, event.id),
                    Change::Event(_) => {}
                    Change::Resync { .. } => compare(&engine, &holds).await,
                },
                _ = tick.tick() => compare(&engine, &holds).await,
            }
        }
    }
}

fn is_end(action: &Action) -> bool {
    matches!(action, Action::Die { .. } | Action::Destroy)
}

fn end_all(holds: &Holds, id: ContainerId) {
    let all = holds.all();
    let its = all
        .iter()
        .filter(|hold| hold.owner() == Owner::Container(id));
    its.for_each(|hold| end(hold));
}

/// Ends what is held for those that do not run any more. Of one that the engine says nothing of,
/// nobody knows: what it holds stays until the engine does.
async fn compare(containers: &dyn Containers, holds: &Holds) {
    for hold in holds.all() {
        if let Some(run) = &hold.caller.run
            && matches!(run.goes_on(containers).await, Ok(false))
        {
            end(&hold);
        }
    }
}

fn end(hold: &Hold) {
    let container = hold.caller.run.as_ref().map(|run| run.name.as_str());
    tracing::info!(
        container,
        path = hold.contest.path(),
        "released, as the container has ended"
    );
    hold.end();
}
