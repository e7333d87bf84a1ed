//! `dockeeper barrier`: many wait until one lets them go on. Curator's `DistributedBarrier` and
//! kazoo's `Barrier`: closed for as long as its znode is there.

use crate::{
    args::Global,
    exit::{Code, Failure},
    holding::{Place, Wait},
    output, zookeeper,
};
use clap::Subcommand;
use dockeeper_model::layout;
use dockeeper_recipes::Barrier;
use tokio::time;

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
        zookeeper::with_servers(global, servers, async |session| {
            let barrier = Barrier::new(&session.client, &znode);
            match &self {
                Self::Wait(args) => return wait(&barrier, label, args.wait).await,
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

    /// Whether it changes nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::Wait(_) => true,
            Self::Open(_) | Self::Close(_) => false,
        }
    }
}

async fn wait(barrier: &Barrier, label: &str, limit: Option<Wait>) -> anyhow::Result<()> {
    let Some(Wait(limit)) = limit else {
        return Ok(barrier.opened().await?);
    };
    let is_open = match limit.is_zero() {
        true => !barrier.is_closed().await?,
        false => match time::timeout(limit, barrier.opened()).await {
            Ok(opened) => opened.map(|()| true)?,
            Err(_) => false,
        },
    };
    match is_open {
        true => Ok(()),
        false => {
            let why = format!("the barrier {label} is closed");
            Err(Failure::new(Code::TimedOut, why).into())
        }
    }
}
