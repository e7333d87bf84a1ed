//! `cargo xtask testbed`: a testbed that stays until it is brought down.

use std::io::Write;

use anyhow::Result;
use clap::{Args, Subcommand};
use dockeeper_testbed::{
    Testbed,
    inventory::{Outcome, Which, bring_down},
    prerequisites::{Needs, provide},
    record::Record,
};

use self::text::{describe, state, usage};

mod text;

/// What to do with the testbeds of this machine.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Start one, installing Debian packages that are missing, and say how to use it.
    Up(Up),
    /// Remove all that no running process owns, with every trace.
    Down(Down),
    /// List them.
    Status,
}

#[derive(Args)]
pub(crate) struct Up {
    /// How many Docker hosts.
    #[arg(long, default_value_t = 3)]
    hosts: u8,
    /// How many ZooKeeper servers: 1, 3, or 0 for none.
    #[arg(long = "zk", default_value_t = 3)]
    zookeepers: u8,
}

#[derive(Args)]
pub(crate) struct Down {
    /// Also those that running tests use.
    #[arg(long)]
    all: bool,
}

/// Carries out a command; what it found out goes to the standard output.
pub(crate) async fn run(command: Command) -> Result<()> {
    let text = match command {
        Command::Up(up) => start(up).await?,
        Command::Down(down) => end(&down)?,
        Command::Status => status()?,
    };
    // A reader that has seen enough, such as `head`, is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

async fn start(up: Up) -> Result<String> {
    provide(Needs {
        docker: up.hosts > 0,
        zookeeper: up.zookeepers > 0,
    })?;
    eprintln!(
        "Starting {} Docker hosts and {} ZooKeeper servers ...",
        up.hosts, up.zookeepers
    );
    let testbed = Testbed::builder()
        .hosts(up.hosts)
        .zookeepers(up.zookeepers)
        .start()
        .await?;
    let layout = *testbed.layout();
    testbed.keep().await?;
    Ok(format!("{}\n{}", describe(&layout), usage(&layout)))
}

fn end(down: &Down) -> Result<String> {
    let which = if down.all { Which::All } else { Which::Unowned };
    let outcomes = bring_down(which)?;
    let lines = outcomes.iter().map(|outcome| match outcome {
        Outcome::Removed(name) => format!("{name}: removed\n"),
        Outcome::Left(record) => {
            format!(
                "{}: left, {}; --all removes it\n",
                record.layout.name(),
                state(record)
            )
        }
    });
    Ok(or_nothing(lines.collect()))
}

fn status() -> Result<String> {
    let records = Record::all()?;
    let texts = records
        .iter()
        .map(|r| format!("{} [{}]\n", describe(&r.layout), state(r)));
    Ok(or_nothing(texts.collect()))
}

fn or_nothing(text: String) -> String {
    if text.is_empty() {
        "no testbeds\n".into()
    } else {
        text
    }
}
