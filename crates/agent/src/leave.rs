//! Ending an agent's session from outside: the host disappears at once instead of being resumed.

use crate::{
    Error,
    facts::Facts,
    state_dir::{self, Saved, StateDir, has_session, holder},
};
use dockeeper_model::{NodeName, NodeRecord, decode, layout};
use dockeeper_registry::host::elections::END_LIMIT;
use dockeeper_zk_client::{Client, Closed, Config, ConnectString, state::Attempt};
use rustix::process::{Pid, Signal, kill_process};
use std::{io, path::Path, time::Duration};
use tokio::time::{Instant, sleep};

/// How long a running agent may take to leave, beyond the time in which it has to tell ZooKeeper:
/// what it tells leaders comes first.
const LEAVE_MARGIN: Duration = END_LIMIT.saturating_add(Duration::from_secs(5));

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

/// The ZooKeeper of the session in a state directory; `None` where there is none, or it does not
/// say.
pub fn servers(state_dir: &Path) -> Option<ConnectString> {
    state_dir::servers(state_dir)
}

/// Ends the session of the agent whose state directory this is, and the agent if it runs. A running
/// agent is only told to, and has `limit` to tell ZooKeeper; a session that was left behind is
/// ended with `config`.
pub async fn leave(
    state_dir: &Path,
    limit: Duration,
    config: Option<Config>,
) -> Result<Left, Error> {
    if let Some(pid) = holder(state_dir) {
        return stop(state_dir, pid, limit.saturating_add(LEAVE_MARGIN)).await;
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
    let config = config.ok_or_else(|| Error::WhereUnknown {
        path: state_dir.to_owned(),
    })?;
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
            if let Closed::Untold { attempts, .. } = client.close().await {
                return Err(untold(state_dir, attempts));
            }
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

fn untold(state_dir: &Path, attempts: Vec<Attempt>) -> Error {
    Error::Untold {
        path: state_dir.to_owned(),
        session_timeout: None,
        attempts,
    }
}

async fn stop(state_dir: &Path, pid: i32, limit: Duration) -> Result<Left, Error> {
    let not_left = || Error::NotLeft { pid, waited: limit };
    let process = Pid::from_raw(pid).ok_or_else(not_left)?;
    kill_process(process, Signal::INT).map_err(|error| Error::StateDir {
        action: "signal the agent that holds",
        path: state_dir.to_owned(),
        error: error.into(),
    })?;
    let begun = Instant::now();
    while begun.elapsed() < limit {
        match holder(state_dir) {
            Some(holder) if holder == pid => sleep(POLL_INTERVAL).await,
            // It keeps what it could not end.
            None if has_session(state_dir)? => return Err(untold(state_dir, Vec::new())),
            _ => return Ok(Left::Agent { pid }),
        }
    }
    Err(not_left())
}
