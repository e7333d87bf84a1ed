//! `cargo xtask testbed`: a testbed that stays until it is brought down.

use std::path::Path;

use anyhow::{Result, bail};
use clap::{Args, Subcommand, value_parser};
use dockeeper_testbed::{
    HOSTS_MAX, Testbed, ZOOKEEPERS_MAX,
    inventory::{Outcome, Which, bring_down, bring_down_one},
    prerequisites::{Needs, check_root, provide},
    record::Record,
};

use self::text::{Agents, describe, state, usage};
use crate::{agent, output, program, signals::Signals};

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
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u8).range(..=i64::from(HOSTS_MAX)))]
    hosts: u8,
    /// How many ZooKeeper servers: 1, 3 or more, or 0 for none.
    #[arg(long = "zk", default_value_t = 3, value_parser = zookeepers)]
    zookeepers: u8,
    /// Start no agents, and say how it is done.
    #[arg(long)]
    no_agents: bool,
}

#[derive(Args)]
pub(crate) struct Down {
    /// Only this one.
    name: Option<String>,
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
    let _ = output::print(&text);
    Ok(())
}

/// Refused here as well as by the testbed, before packages are installed for it.
fn zookeepers(text: &str) -> Result<u8, String> {
    match text.parse() {
        Ok(2) => Err("of two servers both must run for either to serve; take 1 or 3".to_owned()),
        Ok(count) if count <= ZOOKEEPERS_MAX => Ok(count),
        _ => Err(format!("it is no number from 0 to {ZOOKEEPERS_MAX}")),
    }
}

async fn start(up: Up) -> Result<String> {
    provide(Needs {
        docker: up.hosts > 0,
        zookeeper: up.zookeepers > 0,
    })?;
    let program = program::build()?;
    let mut signals = Signals::listen()?;
    output::note(&format!(
        "Starting {} Docker hosts and {} ZooKeeper servers ...",
        up.hosts, up.zookeepers
    ));
    tokio::select! {
        biased;
        () = signals.told_to_end() => bail!("ended before all was started; nothing of it is left"),
        text = bring_up(&up, &program) => text,
    }
}

async fn bring_up(up: &Up, program: &Path) -> Result<String> {
    let testbed = Testbed::builder()
        .hosts(up.hosts)
        .zookeepers(up.zookeepers)
        .start()
        .await?;
    let layout = *testbed.layout();
    let agents = match up {
        Up { zookeepers: 0, .. } | Up { hosts: 0, .. } => Agents::Impossible,
        Up {
            no_agents: true, ..
        } => Agents::Unwanted,
        _ => Agents::Running,
    };
    if agents == Agents::Running {
        let zk = testbed.zookeeper().connect_string();
        for host in testbed.hosts() {
            agent::start(host, program, &zk).await?;
        }
    }
    testbed.keep().await?;
    Ok(format!(
        "{}\n{}",
        describe(&layout),
        usage(&layout, program, agents)
    ))
}

fn end(down: &Down) -> Result<String> {
    check_root()?;
    let which = if down.all { Which::All } else { Which::Unowned };
    let outcomes = match &down.name {
        None => bring_down(which)?,
        Some(name) => match bring_down_one(name, which)? {
            Some(outcome) => vec![outcome],
            None => bail!("there is no testbed {name}; `cargo xtask testbed status` lists them"),
        },
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ensemble_of_two_is_refused() {
        for (text, count) in [("0", Some(0)), ("1", Some(1)), ("2", None), ("3", Some(3))] {
            assert_eq!(zookeepers(text).ok(), count, "{text}");
        }
        for bad in ["8", "-1", "many", ""] {
            assert!(zookeepers(bad).is_err(), "{bad}");
        }
    }
}
