//! What is to be said of the host's containers.

use crate::host::volume::MountId;
use dockeeper_model::config::{Ack, AppName, Applied, ContainerRef, Step};
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// For how long a container is still spoken of that has ended: long enough for a controller to read
/// why, and for a container that is being restarted to come back.
pub(super) const LINGER_FOR: Duration = Duration::from_secs(15);

/// For how long nothing is said after the agent's start, so that what the last one said of a
/// container stands until this one has judged it too.
pub(super) const ADOPT_LIMIT: Duration = Duration::from_secs(15);

/// How long a reason may be, in bytes: a line or two, not a log.
const REASON_LEN_MAX: usize = 512;

/// A container and a mount that it has of an app.
pub(super) type Place = (AppName, ContainerRef, MountId);

/// What is to be said of the host's containers. Whoever waits for changes subscribes.
#[derive(Debug)]
pub(super) struct Board {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct State {
    said: BTreeMap<Place, Ack>,
    lingering: BTreeMap<(AppName, ContainerRef), (Ack, Instant)>,
    /// Those that an earlier agent has spoken of.
    adopted: BTreeSet<Place>,
    /// Until it is known which containers there are, nothing is said.
    is_open: bool,
    made: Instant,
}

// === impl Board ===

impl Board {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                said: BTreeMap::new(),
                lingering: BTreeMap::new(),
                adopted: BTreeSet::new(),
                is_open: false,
                made: Instant::now(),
            }),
            changed: watch::Sender::new(()),
        }
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// It is known which containers there are.
    pub(super) fn open(&self) {
        self.state.lock().is_open = true;
        self.changed.send_replace(());
    }

    /// An earlier agent has spoken of this container.
    pub(super) fn adopt(&self, place: Place) {
        let mut state = self.state.lock();
        if !state.is_open {
            state.adopted.insert(place);
        }
    }

    /// Says how far a container has come.
    pub(super) fn say(&self, place: &Place, mut ack: Ack) {
        ack.reason
            .truncate(ack.reason.floor_char_boundary(REASON_LEN_MAX));
        let mut state = self.state.lock();
        if ack.step.is_judged() {
            state.adopted.remove(place);
        }
        if state.said.get(place) != Some(&ack) {
            state.said.insert(place.clone(), ack);
            self.changed.send_replace(());
        }
    }

    /// A container has no such mount any more. With `lingers` what was said of it last is said for a
    /// while longer.
    pub(super) fn drop(&self, place: &Place, lingers: bool) {
        let mut state = self.state.lock();
        state.adopted.remove(place);
        let Some(ack) = state.said.remove(place) else {
            return;
        };
        if lingers {
            let (app, container, _) = place.clone();
            let until = Instant::now() + LINGER_FOR;
            state.lingering.insert((app, container), (ack, until));
        }
        self.changed.send_replace(());
    }

    /// When something that is said ends by itself, or what is held back is said.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let state = self.state.lock();
        let ends = state.lingering.values().map(|(_, until)| *until);
        let held_back = (!state.adopted.is_empty()).then_some(state.made + ADOPT_LIMIT);
        ends.chain(held_back).min()
    }

    /// What is to be said of each app; `None` while it is not known.
    pub(super) fn applied(&self) -> Option<BTreeMap<AppName, Applied>> {
        let mut state = self.state.lock();
        let now = Instant::now();
        if now >= state.made + ADOPT_LIMIT {
            state.adopted.clear();
        }
        state.lingering.retain(|_, (_, until)| now < *until);
        if !state.is_open || !state.adopted.is_empty() {
            return None;
        }
        let mut apps: BTreeMap<AppName, Applied> = BTreeMap::new();
        for ((app, container, _), ack) in &state.said {
            let containers = &mut apps.entry(app.clone()).or_default().containers;
            match containers.get_mut(container) {
                Some(other) if rank(ack) >= rank(other) => {}
                Some(other) => *other = ack.clone(),
                None => drop(containers.insert(container.clone(), ack.clone())),
            }
        }
        for ((app, container), (ack, _)) in &state.lingering {
            let containers = &mut apps.entry(app.clone()).or_default().containers;
            // How a container came to its end counts more than that it was started again.
            if ack.step == Step::Failed || !containers.contains_key(container) {
                containers.insert(container.clone(), ack.clone());
            }
        }
        Some(apps)
    }
}

/// Of several mounts that a container has of an app, the one that has come least far counts.
fn rank(ack: &Ack) -> (bool, Step) {
    (ack.step != Step::Failed, ack.step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    fn place(digit: char, mount: &str) -> Place {
        let container = digit.to_string().repeat(12).parse().unwrap();
        ("web".parse().unwrap(), container, mount.parse().unwrap())
    }

    fn ack(step: Step) -> Ack {
        Ack {
            name: "web-1".to_owned(),
            running: Some(1),
            digest: None,
            target: 1,
            step,
            reason: String::new(),
            since_ms: 0,
        }
    }

    fn steps(board: &Board) -> Vec<Step> {
        let apps = board.applied().unwrap();
        let acks = apps
            .values()
            .flat_map(|applied| applied.containers.values());
        acks.map(|ack| ack.step).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_agents_words_stand_until_they_can_be_replaced() {
        let board = Board::new();
        assert_eq!(board.applied(), None);
        let (first, second) = (place('a', "1"), place('b', "2"));
        board.adopt(first.clone());
        board.open();
        board.say(&second, ack(Step::Healthy));
        board.say(&first, ack(Step::Waiting));
        assert_eq!(board.applied(), None);
        board.say(&first, ack(Step::Healthy));
        assert_eq!(steps(&board), [Step::Healthy, Step::Healthy]);

        let board = Board::new();
        board.adopt(first.clone());
        board.open();
        board.say(&first, ack(Step::Waiting));
        advance(ADOPT_LIMIT).await;
        assert_eq!(steps(&board), [Step::Waiting]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_failed_and_ended_is_spoken_of_for_a_while() {
        let board = Board::new();
        board.open();
        let (first, second) = (place('a', "1"), place('a', "2"));
        board.say(&first, ack(Step::Failed));
        board.drop(&first, true);
        board.say(&second, ack(Step::Healthy));
        assert_eq!(steps(&board), [Step::Failed]);
        advance(LINGER_FOR).await;
        assert_eq!(steps(&board), [Step::Healthy]);
        // One that is restarted is there all the time, and what is new of it counts.
        board.drop(&second, true);
        assert_eq!(steps(&board), [Step::Healthy]);
        board.say(&place('a', "3"), ack(Step::Swapped));
        assert_eq!(steps(&board), [Step::Swapped]);
        board.drop(&place('a', "3"), false);
        advance(LINGER_FOR).await;
        assert_eq!(steps(&board), []);
    }

    #[tokio::test]
    async fn of_several_mounts_the_one_behind_counts() {
        let board = Board::new();
        board.open();
        board.say(&place('a', "1"), ack(Step::Healthy));
        board.say(&place('a', "2"), ack(Step::Swapped));
        assert_eq!(steps(&board), [Step::Swapped]);
        board.say(&place('a', "1"), ack(Step::Failed));
        assert_eq!(steps(&board), [Step::Failed]);
    }
}
