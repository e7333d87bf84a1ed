//! `dockeeper dev`: everything that one machine needs, in one process.

mod check;

use super::{
    agent::{self, Settings},
    keeper,
};
use crate::{
    args::Global,
    exit::Failure,
    log, output,
    zookeeper::{self, Address, Tls},
};
use anyhow::Context;
use dockeeper_keeper::server::{Config, Handle, Keeper};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};
use tokio::{sync::oneshot, task::JoinHandle};

/// Below the agent's state directory.
const DATA_DIR_DEFAULT: &str = "keeper";

/// Run all that one machine needs: a keeper in the place of ZooKeeper, and an agent
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Needs Docker and nothing else. More hosts join with `dockeeper agent --zk`, when --listen lets \
them in; for a cluster that survives the loss of this machine, use an ensemble of ZooKeeper and \
`dockeeper migrate`.

SIGTERM ends it and leaves everything to be resumed by the next start. Ctrl-C also removes \
everything of this host.")]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Settings,

    /// Where the keeper listens: IP:PORT, several with commas; its own agent uses the first
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "DOCKEEPER_KEEPER_LISTEN",
        value_delimiter = ',',
        value_parser = keeper::listen_address,
        default_value = zookeeper::LOCAL
    )]
    listen: Vec<SocketAddr>,

    /// Where the keeper keeps everything [default: the folder "keeper" in --state-dir]
    #[arg(long, value_name = "DIR", env = "DOCKEEPER_KEEPER_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    log::init_as(
        global.log_level.as_ref(),
        log::SERVICE_LEVEL_DEFAULT,
        args.settings.log_format.unwrap_or_default(),
    );
    check::tls(global)?;
    check::zookeeper(global, &args.listen).await?;
    keeper::allow_all_files();
    // Watched from the beginning, so that no signal is missed while old data is read.
    let stop = agent::stop()?;
    let server = Keeper::open(config(&args)?)
        .await
        .map_err(|error| keeper::failure(&error))?;
    let address = reached_at(&server.handle())?;
    let global = with_own_server(global, address)?;
    let (end, ended) = oneshot::channel::<()>();
    let mut serving: JoinHandle<anyhow::Result<()>> = tokio::spawn(async move {
        let told = async {
            // It also ends with whoever could tell.
            drop(ended.await);
        };
        let served = server.run(told).await;
        served.map_err(|error| keeper::failure(&error))
    });
    output::note(&hint(&global));
    let worked = tokio::select! {
        served = &mut serving => return served.context("the keeper's task")?,
        worked = agent::work(&args.settings, &global, stop) => worked,
    };
    drop(end);
    serving.await.context("the keeper's task")??;
    worked
}

fn config(args: &Args) -> Result<Config, Failure> {
    let data_dir = args.data_dir.clone();
    let data_dir = data_dir.unwrap_or_else(|| args.settings.state_dir().join(DATA_DIR_DEFAULT));
    let mut config = Config::new(data_dir);
    config.listen.clone_from(&args.listen);
    config.words = keeper::words_default()?;
    Ok(config)
}

/// Where this machine's own clients reach the keeper.
fn reached_at(keeper: &Handle) -> anyhow::Result<SocketAddr> {
    let address = keeper.addresses().first();
    let mut address = *address.context("the keeper listens nowhere")?;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(address)
}

/// What a person can type next.
fn hint(global: &Global) -> String {
    let address = global
        .zk
        .as_ref()
        .filter(|zk| zk.home != Address::local().home);
    let export = address.map_or_else(String::new, |zk| {
        let root = if zk.home.chroot() == "/" { "/" } else { "" };
        format!("  export DOCKEEPER_ZK={}{root}\n", zk.tree)
    });
    format!(
        "In another terminal:\n{export}  docker run -d -p 8080:80 -e SERVICE_NAME=web nginx\n  \
         dockeeper discover web"
    )
}

/// The global options with the keeper for ZooKeeper. It listens without TLS.
fn with_own_server(global: &Global, address: SocketAddr) -> Result<Global, Failure> {
    let wrong = |why| Failure::usage(format!("the keeper's address {address}: {why}"));
    let mut own = address.to_string().parse::<Address>().map_err(wrong)?;
    if let Some(given) = &global.zk {
        // Its hosts may have other addresses too, which are not the keeper's.
        own.home = own.home.with_chroot(given.home.chroot()).map_err(wrong)?;
        own.tree = own.tree.with_chroot(given.tree.chroot()).map_err(wrong)?;
    }
    Ok(Global {
        zk: Some(own),
        tls: Tls::default(),
        ..global.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser;

    fn global(zk: &str) -> Global {
        let cli = Cli::try_parse_from(["dockeeper", "ps", "--zk", zk]);
        cli.unwrap().global
    }

    #[test]
    fn the_own_server_is_used_with_the_chroot_that_was_given() {
        let own: SocketAddr = "127.0.0.1:7".parse().unwrap();
        for (given, home, tree) in [
            ("localhost:7,zk9:7", "127.0.0.1:7/dockeeper", "127.0.0.1:7"),
            ("localhost:7/x", "127.0.0.1:7/x", "127.0.0.1:7/x"),
        ] {
            let used = with_own_server(&global(given), own).unwrap().zk.unwrap();
            assert_eq!(used.home.to_string(), home);
            assert_eq!(used.tree.to_string(), tree);
        }
    }

    #[test]
    fn the_default_address_need_not_be_exported() {
        assert!(!hint(&global("127.0.0.1:2181")).contains("export"));
        for other in ["127.0.0.1:31001", "127.0.0.1:2181/other", "127.0.0.1:2181/"] {
            let hint = hint(&global(other));
            let export = format!("  export DOCKEEPER_ZK={other}\n");
            assert!(hint.contains(&export), "{hint}");
        }
    }
}
