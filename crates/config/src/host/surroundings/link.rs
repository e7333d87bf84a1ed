use dockeeper_zk_client::{Client, State};
use std::{future::pending, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// For how long there is no connection before ZooKeeper counts as away, and answers that were kept
/// on disk are used: longer than a server's restart takes to be got over with others there, and
/// short beside what the start of a container may wait.
pub const AWAY_AFTER: Duration = Duration::from_secs(2);

/// Whether ZooKeeper can be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Link {
    /// There is no connection yet, or since a moment.
    #[default]
    Seeking,
    /// There is one.
    Up,
    /// There has been none for some time.
    Away,
}

/// Tells whether ZooKeeper can be asked, until nobody can give a session any more.
pub(super) async fn watch(mut session: watch::Receiver<Option<Client>>, link: watch::Sender<Link>) {
    let mut lost_at = Instant::now();
    loop {
        let client = session.borrow_and_update().clone();
        let mut state = client.map(|client| client.state());
        let is_new = loop {
            let is_up = state.as_mut().is_some_and(is_connected);
            if is_up {
                lost_at = Instant::now();
            }
            let away_at = lost_at + AWAY_AFTER;
            let now = match is_up {
                true => Link::Up,
                false if Instant::now() >= away_at => Link::Away,
                false => Link::Seeking,
            };
            if link.send_replace(now) == Link::Up && !is_up {
                lost_at = Instant::now();
            }
            tokio::select! {
                changed = session.changed() => break changed.is_ok(),
                () = changed(&mut state) => {}
                () = sleep_until(away_at), if now == Link::Seeking => {}
            }
        };
        if !is_new {
            return;
        }
    }
}

fn is_connected(state: &mut watch::Receiver<State>) -> bool {
    matches!(*state.borrow_and_update(), State::Connected(_))
}

async fn changed(state: &mut Option<watch::Receiver<State>>) {
    match state {
        Some(receiver) => {
            if receiver.changed().await.is_err() {
                *state = None;
            }
        }
        None => pending().await,
    }
}
