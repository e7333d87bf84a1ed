use super::{failure, settings::Settings, with_file};
use crate::{args::Global, log, output};
use dockeeper_agent::leave::{Left, leave, servers};
use std::path::PathBuf;

/// The options of `agent leave`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the agent keeps its session [default: /var/lib/dockeeper]
    #[arg(long, value_name = "DIR", env = "DOCKEEPER_STATE_DIR")]
    state_dir: Option<PathBuf>,

    /// The agent's configuration file, for state-dir and what is said of ZooKeeper and the log
    #[arg(long, value_name = "FILE", env = "DOCKEEPER_CONFIG")]
    config: Option<PathBuf>,
}

pub(super) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    let given = Settings {
        state_dir: args.state_dir,
        ..Settings::default()
    };
    let (settings, global) = with_file(given, args.config.as_deref(), global)?;
    log::init(global.log_level.as_ref());
    let state_dir = settings.state_dir();
    let servers = match &global.zk {
        Some(given) => Some(given.home.clone()),
        None => servers(&state_dir),
    };
    let config = servers.map(|servers| crate::zookeeper::config(&global, servers));
    let left = leave(&state_dir, global.timeout(), config.transpose()?).await;
    match left.map_err(failure)? {
        Left::Agent { pid } => output::note(&format!("the agent (process {pid}) has left")),
        Left::Session => output::note("the session that the last agent left is ended"),
        Left::Nothing => output::note(&format!(
            "nothing to leave: no agent runs with {}, and none left a session there",
            state_dir.display()
        )),
    }
    Ok(())
}
