//! Watches an app's rollout, with one session after another.

use super::app::App;
use crate::host::cache::Incarnation;
use dockeeper_model::{
    config::{Release, Rollout},
    decode, layout,
};
use dockeeper_zk_client::{Client, Error, ErrorCode, OneShot, Stat, State};
use std::{sync::Arc, time::Duration};
use tokio::{join, time::sleep};

/// How long before something is read again that ZooKeeper refused to show.
const RETRY_PAUSE: Duration = Duration::from_secs(5);

/// Why a rollout is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// It has changed: there may be a new release.
    Changed,
    Compared,
}

/// What lies in ZooKeeper.
struct Found {
    rollout: Option<(Result<Rollout, String>, Stat)>,
    /// The release that was guessed to be the newest, if it is there.
    came: Option<Release>,
    changed: OneShot,
}

/// Follows an app, and keeps what is to be kept. Runs until it is cancelled.
pub(super) async fn run(app: Arc<App>, compare_interval: Duration) {
    let mut session = app.session();
    let sessions = async {
        loop {
            let client = session.borrow_and_update().clone();
            app.lost("there is no session with ZooKeeper to ask");
            if let Some(client) = &client {
                tokio::select! {
                    () = follow(&app, client, compare_interval) => {}
                    Ok(()) = session.changed() => continue,
                }
                app.lost("the session with ZooKeeper is over, and the next one not there yet");
            }
            if session.changed().await.is_err() {
                return;
            }
        }
    };
    join!(sessions, app.keep_following());
}

/// Follows an app until the session is over.
async fn follow(app: &App, client: &Client, compare_interval: Duration) {
    let mut state = client.state();
    let mut reason = Reason::Compared;
    loop {
        let connected = state.wait_for(|state| !matches!(state, State::Connecting { .. }));
        let connected = match connected.await.as_deref() {
            Ok(State::Ended(_)) | Err(_) => return,
            Ok(connected) => connected.clone(),
        };
        let changed = match read(app, client, reason).await {
            Ok(found) => Some(take(app, found)),
            Err(error) => {
                app.lost(&error.to_string());
                None
            }
        };
        reason = Reason::Compared;
        let pause = match &changed {
            Some(_) => compare_interval,
            None => RETRY_PAUSE,
        };
        let fired = async {
            match changed {
                Some(changed) => drop(changed.fired().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = fired => reason = Reason::Changed,
            _ = state.wait_for(|state| *state != connected) => {
                app.lost("there is no connection to ZooKeeper");
            }
            () = sleep(pause) => {}
        }
    }
}

/// Reads the rollout, and at the same time the release that it may tell of.
async fn read(app: &App, client: &Client, reason: Reason) -> Result<Found, Error> {
    let path = layout::rollout(app.name());
    let guess = app.next_release().filter(|_| reason == Reason::Changed);
    let guessed = async {
        let path = layout::release(app.name(), guess?);
        // It is a guess: whoever needs the release says what is wrong.
        let (content, _) = client.get(&path).await.ok()?;
        decode(&content).ok()
    };
    let (mut got, mut came) = join!(biased; client.get_and_watch(&path), guessed);
    loop {
        match got {
            Ok((content, stat, changed)) => {
                let rollout = decode(&content).map_err(|why| format!("{path}: {why}"));
                return Ok(Found {
                    rollout: Some((rollout, stat)),
                    came,
                    changed,
                });
            }
            Err(error) if error.is(ErrorCode::NoNode) => came = None,
            Err(error) => return Err(error),
        }
        let (found, changed) = client.exists_and_watch(&path).await?;
        if found.is_none() {
            return Ok(Found {
                rollout: None,
                came,
                changed,
            });
        }
        got = client.get_and_watch(&path).await;
    }
}

fn take(app: &App, found: Found) -> OneShot {
    match found.rollout {
        None => app.not_found(),
        Some((Ok(rollout), stat)) => {
            let incarnation = Incarnation {
                czxid: stat.czxid,
                ctime_ms: stat.ctime_ms,
            };
            app.found(incarnation, rollout, found.came);
        }
        Some((Err(why), _)) => {
            tracing::warn!(app = %app.name(), why, "not a rollout; going on with the last one");
            app.lost(&why);
        }
    }
    found.changed
}
