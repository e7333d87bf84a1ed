//! Runs a command while something is held: a lock, a permit or a leadership.

mod options;
mod place;
mod record;

pub(crate) use self::{
    options::{Options, Wait},
    place::Place,
};

use crate::{
    args::Global,
    exit::{Code, CommandEnded, Failure},
    interrupt::Interrupted,
    output::{self, text},
    supervise::{self, Command, Ended, Policy, Signals, Why},
    zookeeper::{self, AuthOption, Connection, Session},
};
use dockeeper_model::{encode, holder::Holder};
use dockeeper_recipes::{self as recipes, Held, Lost};
use dockeeper_zk_client::{Client, Ended as SessionEnded};
use std::{future::pending, time::Duration};
use tokio::time::{self, Instant};

/// Which part of the session time-out a command has at most to clean up when it has lost.
const KILL_AFTER_PART: u32 = 4;

/// What it means for who waits that there is no connection.
pub(crate) const WAITING: &str = "the waiting goes on when it is back";

/// What is acquired, and for whom.
struct Asked<'a> {
    options: &'a Options,
    /// How long to wait for a connection.
    timeout: Duration,
    /// What others are told of this process.
    holder: Holder,
    /// What the `zk` commands see before the session's paths.
    prefix: String,
}

/// Waits for its turn, runs the command, and gives up what was held.
pub(crate) async fn run(
    options: &Options,
    place: &Place,
    global: &Global,
    acquire: impl AsyncFn(&Client, &recipes::Options) -> Result<Held, recipes::Error>,
) -> anyhow::Result<()> {
    let servers = place.servers(global)?;
    let asked = Asked {
        options,
        timeout: global.timeout(),
        holder: record::holder(options),
        prefix: zookeeper::tree_prefix(global, &servers)?,
    };
    let mut config = zookeeper::config(global, servers)?;
    config.session_timeout = options.session_timeout.0;
    let mut signals = Signals::ending()?;
    let deadline = options.deadline();
    loop {
        let session = Session::begin(config.clone(), AuthOption::ZK);
        let waited = tokio::select! {
            biased;
            signal = signals.next() => Err(Interrupted(signal).into()),
            waited = wait(&session, &asked, &acquire) => waited,
            () = come(deadline) => Err(too_late(&session, options).into()),
        };
        let result = match waited {
            Ok(Some(held)) => hold(&session, held, &asked, &mut signals).await,
            Ok(None) => {
                output::warn("the ZooKeeper session has expired; waiting again with a new one");
                continue;
            }
            Err(error) => Err(error),
        };
        let result = result.map_err(|error| session.explain(error));
        session.end().await;
        return result;
    }
}

/// `None` when the session has expired meanwhile, and with it the place in the line.
async fn wait(
    session: &Session,
    asked: &Asked<'_>,
    acquire: &impl AsyncFn(&Client, &recipes::Options) -> Result<Held, recipes::Error>,
) -> anyhow::Result<Option<Held>> {
    session.connected(asked.timeout).await?;
    session.make_chroot().await?;
    let how = recipes::Options {
        naming: asked.options.names.into(),
        data: encode(&asked.holder).into(),
        wait: !asked.options.is_trial(),
        ..recipes::Options::default()
    };
    let connection = Connection::new(WAITING);
    let acquired = tokio::select! {
        biased;
        acquired = acquire(&session.client, &how) => acquired,
        never = connection.follow_losses(session.client.state()) => match never {},
    };
    match acquired.map_err(|error| error.below(&asked.prefix)) {
        Ok(held) => Ok(Some(held)),
        Err(recipes::Error::SessionOver {
            ended: SessionEnded::Expired,
            ..
        }) => Ok(None),
        Err(taken @ recipes::Error::Taken { .. }) => {
            Err(Failure::new(Code::TimedOut, taken.to_string()).into())
        }
        Err(removed @ recipes::Error::Removed { .. }) => {
            Err(Failure::new(Code::Lost, removed.to_string()).into())
        }
        Err(error) => Err(error.into()),
    }
}

async fn hold(
    session: &Session,
    held: Held,
    asked: &Asked<'_>,
    signals: &mut Signals,
) -> anyhow::Result<()> {
    let options = asked.options;
    let lease = *session.client.lease().borrow();
    let session_timeout = lease.map_or(options.session_timeout.0, |lease| lease.session_timeout);
    let longest = session_timeout / KILL_AFTER_PART;
    let policy = Policy {
        on_suspend: options.on_suspend,
        kill_after: options
            .kill_after
            .map_or(longest, |span| span.0.min(longest)),
    };
    let chroot = session.servers.chroot().trim_end_matches('/');
    let command = Command {
        line: options.command.clone(),
        environment: vec![
            ("DOCKEEPER_LOCK_PATH", format!("{chroot}{}", held.path())),
            ("DOCKEEPER_LOCK_NODE", format!("{chroot}{}", held.node())),
            ("DOCKEEPER_LOCK_TOKEN", held.token().to_string()),
            ("DOCKEEPER_LOCK_SESSION", format!("{:#x}", held.session())),
        ],
    };
    let ended = tokio::select! {
        biased;
        ended = supervise::run(&command, policy, held.standing(), signals) => ended,
        never = record::tell(&session.client, held.node(), &asked.holder) => match never {},
    };
    // In the background; the session is closed next, and takes the znode along in any case.
    drop(held);
    match ended? {
        Ended::Command(0) => Ok(()),
        Ended::Command(code) => Err(CommandEnded(code).into()),
        Ended::Signal(signal) => Err(Interrupted(signal).into()),
        Ended::Lost(why) => Err(Failure::new(Code::Lost, lost(why)).into()),
    }
}

fn lost(why: Why) -> String {
    let why = match why {
        Why::Lost(Lost::Removed) => "somebody deleted its znode".to_owned(),
        Why::Lost(lost) => lost.to_string(),
        Why::Suspended => "no connection to ZooKeeper, and --on-suspend stop".to_owned(),
    };
    let survivors = supervise::survivors();
    if survivors.is_empty() {
        return format!("no longer held, so the command was ended: {why}");
    }
    format!(
        "no longer held: {why}; of the command goes on what could not be killed, as another user's \
         cannot: process {}",
        text::clean(&survivors.join(", "))
    )
}

/// It was not acquired in time: because of others, unless there is not even a connection.
fn too_late(session: &Session, options: &Options) -> Failure {
    let waited = options.wait.map_or(Duration::ZERO, |wait| wait.0);
    if session.is_connected() {
        let why = format!("not acquired within {waited:?}: others hold it");
        return Failure::new(Code::TimedOut, why);
    }
    let why = format!(
        "not acquired within {waited:?}: no connection to ZooKeeper at {}",
        session.servers
    );
    Failure::new(Code::Unreachable, why)
}

/// Waits for a time, or for ever.
pub(crate) async fn come(at: Option<Instant>) {
    match at {
        Some(at) => time::sleep_until(at).await,
        None => pending().await,
    }
}
