//! An agent on a host of a testbed.

use anyhow::{Context, Result, bail};
use dockeeper_testbed::{Host, Node, Process, wait, zookeeper::CLIENT_PORT};
use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

/// An agent takes a fraction of a second; a machine under full load can need many times that.
const LIMIT: Duration = Duration::from_secs(30);

/// The testbed's name for what the first program on a host writes.
const LOG_FILE: &str = "1-dockeeper.log";

/// Whose settings are not the testbed's: the shell that starts it may have been set up to use
/// another cluster, or another Docker.
const FOREIGN: [&str; 2] = ["DOCKEEPER_", "DOCKER_"];

/// Where a host's agent keeps its session: with the host, and gone with it.
pub(crate) fn state_directory(host: &Node) -> PathBuf {
    host.directory().join("state")
}

/// Where the first program that is started on a host writes its log: the agent, and whoever starts
/// it again.
pub(crate) fn log_file(host: &Node) -> PathBuf {
    host.directory().join(LOG_FILE)
}

/// Starts an agent and waits until it has registered its host.
pub(crate) async fn start(host: &Host, program: &Path, zk: &str) -> Result<Process> {
    launch(host, program, zk, &["agent", "--zk", zk]).await
}

/// Starts a keeper and an agent in one process, and waits until it has registered its host.
///
/// Hosts of a testbed have no default route, from which it would know its address.
pub(crate) async fn start_dev(host: &Host, program: &Path) -> Result<Process> {
    let zk = keeper_address(host.node());
    let address = host.node().address().to_string();
    let arguments = ["dev", "--listen", &zk, "--address", &address];
    launch(host, program, &zk, &arguments).await
}

/// Where a host's keeper listens.
pub(crate) fn keeper_address(host: &Node) -> String {
    format!("{}:{CLIENT_PORT}", host.address())
}

/// Starts what registers a host, with the host's own state directory.
async fn launch(host: &Host, program: &Path, zk: &str, arguments: &[&str]) -> Result<Process> {
    let state = state_directory(host.node());
    let state = state
        .to_str()
        .context("the testbed's directory is not UTF-8")?;
    let foreign: Vec<_> = foreign()
        .filter_map(|name| name.into_string().ok())
        .collect();
    // An empty variable counts as none.
    let environment: Vec<_> = foreign.iter().map(|name| (name.as_str(), "")).collect();
    let arguments = [arguments, &["--state-dir", state]].concat();
    let agent = host.spawn(program, &arguments, &environment)?;
    let name = host.node().name();
    let registered = async || match run(host, program, zk, &["nodes", "-o", "name"]).await {
        Ok((nodes, _)) if nodes.lines().any(|node| node == name) => Ok(()),
        Ok((nodes, error)) => Err(nodes + &error),
        Err(error) => Err(error.to_string()),
    };
    tokio::select! {
        registered = wait::until(format!("the agent on {name}"), LIMIT, registered) => registered?,
        ended = agent.wait(LIMIT * 2) => {
            let (status, log) = (ended?, agent.log()?);
            bail!("the agent on {name} has ended ({status}):\n{}", log.trim_end());
        }
    }
    Ok(agent)
}

/// Runs the program on a host to its end; returns its output and its errors.
pub(crate) async fn run(
    host: &Host,
    program: &Path,
    zk: &str,
    arguments: &[&str],
) -> Result<(String, String)> {
    let mut command = host.command(program)?;
    for name in foreign() {
        command.env_remove(name);
    }
    command.env("DOCKEEPER_ZK", zk).args(arguments);
    let output = command.kill_on_drop(true).output().await?;
    Ok((
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    ))
}

fn foreign() -> impl Iterator<Item = OsString> {
    let names = env::vars_os().map(|(name, _)| name);
    names.filter(|name| {
        let name = name.to_string_lossy();
        FOREIGN.iter().any(|prefix| name.starts_with(prefix))
    })
}
