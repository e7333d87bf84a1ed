//! `dockeeper agent`: what runs on each Docker host.

mod settings;
mod span;

use crate::{
    args::Global,
    exit::{Code, Failure},
    log, output,
    zookeeper::{Address, Auth},
};
use clap::Subcommand;
use dockeeper_agent::{
    Agent, Config, Error, Stop,
    leave::{Left, leave},
};
use dockeeper_engine::docker;
use dockeeper_registry::host::settings::STOP_HOLD_DEFAULT;
use settings::Settings;
use span::Span;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

const STATE_DIR_DEFAULT: &str = "/var/lib/dockeeper";
const SOCKET_DEFAULT: &str = "/run/dockeeper/agent.sock";
const NO_SOCKET: &str = "none";
const LOG_LEVEL_DEFAULT: &str = "info";

/// How often everything is compared, whatever events said.
const COMPARE_INTERVAL_DEFAULT: Duration = Duration::from_secs(30);

/// Register what this host's Docker runs, for as long as it runs
///
/// SIGTERM ends the agent and leaves its session for the next start to resume: nothing disappears
/// meanwhile. Ctrl-C, and `dockeeper agent leave`, remove everything of this host.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
    /// Read further settings from a TOML file: the names of these options, without dashes before
    /// them, and zk, zk-auth and those that begin with zk-tls. Options and the environment beat the file
    #[arg(long, value_name = "FILE", env = "DOCKEEPER_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Remove everything of this host: end the agent that runs here, or the session that it left
    Leave(Leave),
}

#[derive(Debug, clap::Args)]
struct Leave {
    /// Where the agent keeps its session
    #[arg(long, value_name = "DIR", env = "DOCKEEPER_STATE_DIR", default_value = STATE_DIR_DEFAULT)]
    state_dir: PathBuf,
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    if let Some(Command::Leave(args)) = args.command {
        log::init(global.log_level.as_deref())?;
        return run_leave(&args, global).await;
    }
    let settings = match &args.config {
        Some(path) => args.settings.or(Settings::read(path)?),
        None => args.settings,
    };
    let level = global.log_level.as_deref();
    log::init_as(
        level,
        LOG_LEVEL_DEFAULT,
        settings.log_format.unwrap_or_default(),
    )?;
    let global = with_file(global, &settings)?;
    let stop = stop()?;
    let agent = Agent::new(config(&settings, &global)?)
        .await
        .map_err(failure)?;
    agent.run(stop).await.map_err(failure)
}

async fn run_leave(args: &Leave, global: &Global) -> anyhow::Result<()> {
    let servers = crate::zookeeper::servers(global)?;
    let config = crate::zookeeper::config(global, servers)?;
    match leave(&args.state_dir, config).await.map_err(failure)? {
        Left::Agent { pid } => output::note(&format!("the agent (process {pid}) has left")),
        Left::Session => output::note("the session that the last agent left is ended"),
        Left::Nothing => output::note(&format!(
            "nothing to leave: no agent runs with {}, and none left a session there",
            args.state_dir.display()
        )),
    }
    Ok(())
}

/// The global options, with what the file says where they say nothing.
fn with_file(global: &Global, settings: &Settings) -> Result<Global, Failure> {
    let mut global = global.clone();
    let fail = |key: &str, why: String| Failure::usage(format!("{key} in the file: {why}"));
    if let (None, Some(zk)) = (&global.zk, &settings.zk) {
        let parsed = zk.parse::<Address>();
        global.zk = Some(parsed.map_err(|why| fail("zk", why.to_string()))?);
    }
    if let (None, Some(auth)) = (&global.zk_auth, &settings.zk_auth) {
        let parsed = auth.parse::<Auth>();
        global.zk_auth = Some(parsed.map_err(|why| fail("zk-auth", why.to_string()))?);
    }
    global.tls = global.tls.or(settings.tls());
    Ok(global)
}

fn config(settings: &Settings, global: &Global) -> anyhow::Result<Config> {
    let servers = crate::zookeeper::servers(global)?;
    let mut zookeeper = crate::zookeeper::config(global, servers)?;
    if let Some(Span(timeout)) = settings.session_timeout {
        zookeeper.session_timeout = timeout;
    }
    let mut docker = docker::Config::from_env(|name| std::env::var(name).ok())?;
    docker.host = settings.docker.clone().or(docker.host);
    let path = |given: &Option<PathBuf>, default: &str| given.clone().unwrap_or(default.into());
    let span = |given: Option<Span>, default| given.map_or(default, |Span(span)| span);
    Ok(Config {
        zookeeper,
        docker,
        node: settings.node.clone(),
        address: settings.address,
        state_dir: path(&settings.state_dir, STATE_DIR_DEFAULT),
        socket: Some(path(&settings.socket, SOCKET_DEFAULT))
            .filter(|path| path != Path::new(NO_SOCKET)),
        internal: settings.internal.unwrap_or(false),
        explicit: settings.explicit.unwrap_or(false),
        advertise_loopback: settings.advertise_loopback.unwrap_or(false),
        compose_name: settings.compose_name.map(Into::into).unwrap_or_default(),
        payload: settings
            .instance_payload
            .map(Into::into)
            .unwrap_or_default(),
        stop_hold: span(settings.stop_hold, STOP_HOLD_DEFAULT),
        compare_interval: span(settings.compare_interval, COMPARE_INTERVAL_DEFAULT),
    })
}

/// Waits for the signal that says how to end. Watched from the beginning, so that none is missed.
fn stop() -> anyhow::Result<impl Future<Output = Stop>> {
    let watch = |kind| -> anyhow::Result<Signal> { Ok(signal(kind)?) };
    let mut terminate = watch(SignalKind::terminate())?;
    let mut interrupt = watch(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => Stop::Detach,
            _ = interrupt.recv() => Stop::Leave,
        }
    })
}

fn failure(error: Error) -> anyhow::Error {
    let code = match &error {
        Error::Refused(_) | Error::AuthFailed => Code::Refused,
        Error::Unreachable(_) => Code::Unreachable,
        Error::Engine(_) => return error.into(),
        Error::StateDir { .. }
        | Error::AlreadyRunning { .. }
        | Error::NodeTaken { .. }
        | Error::NodeName { .. }
        | Error::Address { .. }
        | Error::Socket(_) => Code::Failure,
    };
    Failure::new(code, error.to_string()).into()
}
