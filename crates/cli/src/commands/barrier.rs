//! `dockeeper barrier`: many wait until one lets them go on. Curator's `DistributedBarrier` and
//! kazoo's `Barrier`: closed for as long as its znode is there.

use crate::{
    args::Global,
    exit::{Code, Failure},
    holding::{Place, WAITING, Wait, come},
    output,
    zookeeper::{self, Connection, Session},
};
use clap::Subcommand;
use dockeeper_model::layout;
use dockeeper_recipes::Barrier;
use tokio::time::Instant;

/// What is to be done with barriers.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Wait until a barrier is open
    Wait(Args),
    /// Open a barrier for all who wait and all who come
    Open(Target),
    /// Close a barrier
    Close(Target),
}

/// The options of `barrier wait`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,

    /// How long to wait at most: 30s, 5m; 0 only to ask [default: for ever]
    #[arg(long, value_name = "DURATION")]
    wait: Option<Wait>,
}

/// The options of `barrier open` and `barrier close`.
#[derive(Debug, clap::Args)]
pub(crate) struct Target {
    #[command(flatten)]
    place: Place,
}

// === impl Command ===

impl Command {
    pub(crate) async fn run(self, global: &Global) -> anyhow::Result<()> {
        let (Self::Wait(Args { place, .. })
        | Self::Open(Target { place })
        | Self::Close(Target { place })) = &self;
        let znode = place.znode(layout::barrier);
        let label = place.label();
        let servers = place.servers(global)?;
        let limit = self.limit();
        // Limits the waiting for a connection too.
        let deadline = limit.and_then(Wait::deadline);
        let global = &match limit.filter(|limit| !limit.is_trial()) {
            Some(Wait(limit)) => global.within(limit),
            None => global.clone(),
        };
        zookeeper::with_servers(global, servers, async |session| {
            let barrier = Barrier::new(&session.client, &znode);
            match &self {
                Self::Wait(args) => {
                    let is_open = wait(session, &barrier, args.wait, deadline).await?;
                    if !is_open {
                        return Err(still_closed(session, label).into());
                    }
                }
                Self::Open(_) => {
                    let is = if barrier.is_closed().await? {
                        "is"
                    } else {
                        "was"
                    };
                    barrier.open().await?;
                    output::note(&format!("the barrier {label} {is} open"));
                }
                Self::Close(_) => {
                    session.make_chroot().await?;
                    let is = if barrier.is_closed().await? {
                        "was"
                    } else {
                        "is"
                    };
                    barrier.close("").await?;
                    output::note(&format!("the barrier {label} {is} closed"));
                }
            }
            Ok(())
        })
        .await
    }

    /// How long it waits at most.
    fn limit(&self) -> Option<Wait> {
        match self {
            Self::Wait(args) => args.wait,
            Self::Open(_) | Self::Close(_) => None,
        }
    }

    /// Whether it changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::Wait(_) => true,
            Self::Open(_) | Self::Close(_) => false,
        }
    }
}

/// Whether the barrier was open before the waiting had to end.
async fn wait(
    session: &Session,
    barrier: &Barrier,
    limit: Option<Wait>,
    deadline: Option<Instant>,
) -> anyhow::Result<bool> {
    if limit.is_some_and(Wait::is_trial) {
        return Ok(!barrier.is_closed().await?);
    }
    let connection = Connection::new(WAITING);
    tokio::select! {
        biased;
        opened = barrier.opened() => Ok(opened.map(|()| true)?),
        () = come(deadline) => Ok(false),
        never = connection.follow_losses(session.client.state()) => match never {},
    }
}

fn still_closed(session: &Session, label: &str) -> Failure {
    if session.is_connected() {
        return Failure::new(Code::TimedOut, format!("the barrier {label} is closed"));
    }
    let servers = &session.servers;
    let why = format!("the barrier {label}: no connection to ZooKeeper at {servers} any more");
    Failure::new(Code::Unreachable, why)
}
