//! Tests what Dockeeper needs, step by step.

mod access;
mod conf;
mod docker;
mod ensemble;
mod finding;
mod report;
mod server;
mod srvr;
mod types;
mod word;

use crate::{
    args::Global,
    exit::{Code, Failure},
    interrupt,
    output::{self, text},
    zookeeper,
};
use clap::ValueEnum;
use report::Report;

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for people
    Text,
    /// A JSON array of objects
    Json,
}

/// Where the Docker Engine is, or why that cannot be told.
type Engine = Result<dockeeper_engine::docker::Config, dockeeper_engine::Error>;

/// Tests everything and says what to change; without an engine, ZooKeeper alone.
pub(crate) async fn run(
    global: &Global,
    format: Format,
    engine: Option<Engine>,
) -> anyhow::Result<()> {
    tokio::select! {
        // First, so that signals are taken before anything has begun.
        biased;
        interrupted = interrupt::interrupted() => Err(interrupted?.into()),
        result = examine(global, format, engine) => match &global.zk {
            Some(zk) if zk.is_default => result.map_err(zookeeper::of_default),
            Some(_) | None => result,
        },
    }
}

async fn examine(global: &Global, format: Format, engine: Option<Engine>) -> anyhow::Result<()> {
    let servers = zookeeper::servers(global)?;
    let config = zookeeper::config(global, servers.clone())?;
    let mut report = Report::new(format, &servers);
    let mut examined = Vec::new();
    for host in servers.hosts() {
        examined.push(server::examine(host, &config, global.timeout(), &mut report).await?);
    }
    ensemble::judge(&examined, &mut report)?;
    let mut usable = examined
        .iter()
        .zip(servers.hosts())
        .filter(|(server, _)| server.is_usable);
    let usable = usable.next().map(|(_, host)| host);
    if let Some(host) = usable {
        access::examine(&config, global.timeout(), &mut report).await?;
        report.add(
            report::ENSEMBLE,
            types::examine(&*config.connect, host).await,
        )?;
    }
    let failures_of_zookeeper = report.failures();
    if let Some(engine) = engine {
        docker::examine(engine, &mut report).await?;
    }
    report.finish()?;
    let code = match report.failures() {
        0 => {
            let warnings = text::count(report.warnings(), "warning");
            output::note(&format!("nothing fails; {warnings}"));
            return Ok(());
        }
        _ if usable.is_none() => Code::Unreachable,
        _ if failures_of_zookeeper == 0 => Code::Docker,
        _ => Code::Failure,
    };
    let failures = text::count(report.failures(), "check");
    Err(Failure::new(code, format!("{failures} failed")).into())
}
