//! Ending an agent's session from outside: the host disappears at once instead of being resumed.

use crate::{
    Error,
    facts::Facts,
    state_dir::{Saved, StateDir, has_session, holder},
};
use dockeeper_model::{NodeName, NodeRecord, decode, layout};
use dockeeper_zk_client::{Client, Config};
use rustix::process::{Pid, Signal, kill_process};
use std::{io, path::Path, time::Duration};
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
        session,
        chroot,
        node,
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
        Ok(_) => {
            if let Some(host) = other_host(&client, node.as_deref()).await? {
                client.detach().await;
                return Err(of_other_host(state_dir, &host));
            }
            client.close().await;
        }
        // It has expired already, which is as good.
        Err(dockeeper_zk_client::NotConnected::Ended(_)) => {}
        Err(dockeeper_zk_client::NotConnected::Deadline { attempts, .. }) => {
            return Err(Error::Unreachable(attempts));
        }
    }
    state.forget();
    Ok(Left::Session)
}

/// The host that a session is of, where that is not this one: a state directory may be a copy, as
/// in a virtual machine made from another's disk, and the agent that it was copied from may live.
async fn other_host(client: &Client, node: Option<&str>) -> Result<Option<String>, Error> {
    let Some(node) = node.and_then(|node| node.parse::<NodeName>().ok()) else {
        return Ok(None);
    };
    let (content, stat) = match client.get(&layout::node(&node)).await {
        Ok(found) => found,
        Err(error) if error.code().is_some() => return Ok(None),
        Err(error) => return Err(Error::Unanswered(error)),
    };
    let is_ours = |id| client.session().is_some_and(|session| session.id == id);
    let record = decode::<NodeRecord>(&content).ok();
    let facts = Facts::read();
    Ok(record
        .filter(|record| {
            let is_here = record.hostname == facts.hostname && record.boot_id == facts.boot_id;
            is_ours(stat.ephemeral_owner) && !is_here
        })
        .map(|record| format!("{} ({})", record.hostname, record.address)))
}

fn of_other_host(state_dir: &Path, host: &str) -> Error {
    Error::StateDir {
        action: "end the session in",
        path: state_dir.to_owned(),
        error: io::Error::other(format!(
            "it is that of the agent on {host}, or of this host before it was started anew; nothing \
             was ended: to end it, run this command there; if this directory is a copy, remove it"
        )),
    }
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
