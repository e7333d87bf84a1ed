//! `dockeeper agent`: what runs on each Docker host.

mod controlled;
mod leave;
mod settings;

use crate::{
    args::{Global, Span},
    exit::{Code, Failure},
    log,
    zookeeper::{Address, Auth},
};
use clap::Subcommand;
use dockeeper_agent::{Agent, Config, Error, Stop};
use dockeeper_registry::host::settings::STOP_HOLD_DEFAULT;
pub(super) use settings::Settings;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

const SOCKET_DEFAULT: &str = "/run/dockeeper/agent.sock";
const RUN_DIR_DEFAULT: &str = "/run/dockeeper";
const PLUGIN_SOCKET_DEFAULT: &str = "/run/docker/plugins/dockeeper.sock";
const NO_SOCKET: &str = "none";
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
    /// them, and zk, zk-auth, those that begin with zk-tls, timeout and log-level. Options and the
    /// environment beat the file
    #[arg(long, value_name = "FILE", env = "DOCKEEPER_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Remove everything of this host: end the agent that runs here, or the session that it left
    Leave(leave::Args),
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    if let Some(Command::Leave(args)) = args.command {
        return leave::run(args, global).await;
    }
    let (settings, global) = with_file(args.settings, args.config.as_deref(), global)?;
    log::init_as(
        global.log_level.as_ref(),
        log::SERVICE_LEVEL_DEFAULT,
        settings.log_format.unwrap_or_default(),
    );
    work(&settings, &global, stop()?).await
}

/// Runs an agent, with a controller beside it unless it is not to have one.
pub(super) async fn work(
    settings: &Settings,
    global: &Global,
    stop: impl Future<Output = Stop>,
) -> anyhow::Result<()> {
    let config = config(settings, global)?;
    let zookeeper = config.zookeeper.clone();
    let agent = Agent::new(config).await.map_err(failure)?;
    let worked = match settings.no_controller.unwrap_or(false) {
        true => agent.run(stop).await,
        false => controlled::run(agent, zookeeper, stop).await,
    };
    worked.map_err(failure)
}

/// The settings and the global options, with what the file says where they say nothing.
fn with_file(
    settings: Settings,
    file: Option<&Path>,
    global: &Global,
) -> Result<(Settings, Global), Failure> {
    let settings = match file {
        Some(path) => settings.or(Settings::read(path)?),
        None => settings,
    };
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
    global.timeout = global.timeout.or(settings.timeout);
    global.log_level = global.log_level.or(settings.log_level.clone());
    Ok((settings, global))
}

fn config(settings: &Settings, global: &Global) -> anyhow::Result<Config> {
    let servers = crate::zookeeper::servers(global)?;
    let mut zookeeper = crate::zookeeper::config(global, servers)?;
    if let Some(Span(timeout)) = settings.session_timeout {
        zookeeper.session_timeout = timeout;
    }
    let docker = crate::docker::config(settings.docker.as_deref())?;
    let path = |given: &Option<PathBuf>, default: &str| given.clone().unwrap_or(default.into());
    let socket = |given: &Option<PathBuf>, default: &str| {
        Some(path(given, default)).filter(|path| path != Path::new(NO_SOCKET))
    };
    let span = |given: Option<Span>, default| given.map_or(default, |Span(span)| span);
    Ok(Config {
        zookeeper,
        docker,
        node: settings.node.clone(),
        address: settings.address,
        state_dir: settings.state_dir(),
        run_dir: path(&settings.run_dir, RUN_DIR_DEFAULT),
        plugin_socket: socket(&settings.plugin_socket, PLUGIN_SOCKET_DEFAULT),
        socket: socket(&settings.socket, SOCKET_DEFAULT),
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
pub(super) fn stop() -> anyhow::Result<impl Future<Output = Stop>> {
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
    let code = match error {
        // Docker's errors have a code of their own, which is found by their type.
        Error::Engine(error) => return error.into(),
        Error::Refused(_) | Error::AuthFailed => Code::Refused,
        Error::Unreachable(_) | Error::Unanswered(_) | Error::Untold { .. } => Code::Unreachable,
        Error::UnfitAddress { .. } | Error::WhereUnknown { .. } => Code::Usage,
        Error::StateDir { .. }
        | Error::AlreadyRunning { .. }
        | Error::NotLeft { .. }
        | Error::NodeTaken { .. }
        | Error::NodeName { .. }
        | Error::Address { .. }
        | Error::Socket(_)
        | Error::Identity(_) => Code::Failure,
    };
    Failure::new(code, error.to_string()).into()
}
