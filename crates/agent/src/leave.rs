//! Ending an agent's session from outside: the host disappears at once instead of being resumed.

use crate::{
    Error,
    state_dir::{Saved, StateDir, has_session, holder},
};
use dockeeper_zk_client::{Client, Config};
use rustix::process::{Pid, Signal, kill_process};
use std::{path::Path, time::Duration};
use tokio::time::{Instant, sleep};

/// How long a running agent may take to leave.
const LEAVE_LIMIT: Duration = Duration::from_secs(15);

/// How often to look whether it has left.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// What there was to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// A running agent was told to leave, and has.
    Agent {
        /// Its process.
        pid: i32,
    },
    /// No agent ran; the session that the last one left behind was ended.
    Session,
    /// There was neither.
    Nothing,
}

/// Ends the session of the agent whose state directory this is, and the agent if it runs.
pub async fn leave(state_dir: &Path, config: Config) -> Result<Left, Error> {
    if let Some(pid) = holder(state_dir) {
        return stop(state_dir, pid).await;
    }
    // Looked for first: opening a directory makes it, and a mistaken one is none of ours.
    if !has_session(state_dir)? {
        return Ok(Left::Nothing);
    }
    let state = StateDir::open(state_dir)?;
    let Some(Saved {
        session, chroot, ..
    }) = state.session()
    else {
        return Ok(Left::Nothing);
    };
    let servers = config.servers.with_chroot(&chroot);
    let config = Config {
        servers: servers.unwrap_or_else(|_| config.servers.clone()),
        ..config
    };
    let limit = config.request_timeout;
    let client = Client::resume(config, session);
    match client.connected(limit).await {
        Ok(_) => client.close().await,
        // It has expired already, which is as good.
        Err(dockeeper_zk_client::NotConnected::Ended(_)) => {}
        Err(dockeeper_zk_client::NotConnected::Deadline { attempts, .. }) => {
            return Err(Error::Unreachable(attempts));
        }
    }
    state.forget();
    Ok(Left::Session)
}

async fn stop(state_dir: &Path, pid: i32) -> Result<Left, Error> {
    let still_running = || Error::AlreadyRunning {
        path: state_dir.to_owned(),
        pid: Some(pid),
    };
    let process = Pid::from_raw(pid).ok_or_else(still_running)?;
    kill_process(process, Signal::INT).map_err(|error| Error::StateDir {
        action: "signal the agent that holds",
        path: state_dir.to_owned(),
        error: error.into(),
    })?;
    let deadline = Instant::now() + LEAVE_LIMIT;
    while Instant::now() < deadline {
        if holder(state_dir) != Some(pid) {
            return Ok(Left::Agent { pid });
        }
        sleep(POLL_INTERVAL).await;
    }
    Err(still_running())
}
