//! The command line.

mod environment;
mod span;

pub(crate) use self::span::Span;

use crate::{
    commands::Command,
    exit,
    log::Levels,
    zookeeper::{Address, Auth, Tls},
};
use clap::{Args, Parser};
use std::time::Duration;

const ABOUT: &str = "One cluster of many Docker hosts and a ZooKeeper ensemble";

const LONG_ABOUT: &str = "One cluster of many Docker hosts and a ZooKeeper ensemble.

An agent on each Docker host registers what runs there in ZooKeeper. These commands read it from \
anywhere: they need ZooKeeper's address, and neither Docker nor an agent on this machine.";

const EXAMPLES: &str = "\
Examples:
  export DOCKEEPER_ZK=zk1:2181,zk2:2181,zk3:2181
  dockeeper ps                            the containers of all hosts
  dockeeper discover web -o name          where the service web is reached
  dockeeper nodes --watch                 the hosts, again whenever something changes
  dockeeper maintenance on --node h1 --reason 'new disk'
  dockeeper doctor                        what is wrong with ZooKeeper or Docker";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "dockeeper",
    version,
    about = ABOUT,
    long_about = LONG_ABOUT,
    after_help = format!("{EXAMPLES}\n\n{}", exit::HELP),
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Where ZooKeeper is: HOST:PORT,HOST:PORT/CHROOT
    ///
    /// The port is 2181 where none is given. The chroot is the znode below which Dockeeper lives:
    /// /dockeeper where none is given, the root of the whole tree with a bare slash ("zk1/"). The
    /// zk commands see the whole tree where none is given.
    ///
    /// Commands that only read look at 127.0.0.1:2181, where `dockeeper dev` listens, when nothing
    /// is given; all others have to be told.
    #[arg(long, global = true, value_name = "ADDRESS", env = "DOCKEEPER_ZK")]
    pub(crate) zk: Option<Address>,

    /// The user and password for ZooKeeper's "digest" scheme: USER:PASSWORD
    ///
    /// Prefer the environment variable: other users of the machine can see command lines.
    #[arg(
        long,
        global = true,
        value_name = "USER:PASSWORD",
        env = "DOCKEEPER_ZK_AUTH",
        hide_env_values = true
    )]
    pub(crate) zk_auth: Option<Auth>,

    #[command(flatten)]
    pub(crate) tls: Tls,

    /// How long to wait for ZooKeeper: 10s, 500ms, 1m30s [default: 10s]
    #[arg(
        long,
        global = true,
        value_name = "DURATION",
        env = "DOCKEEPER_TIMEOUT"
    )]
    pub(crate) timeout: Option<Span>,

    /// What to log on the standard error: off, error, warn, info, debug, trace; also by module,
    /// "warn,dockeeper_zk_client=debug" [default: RUST_LOG, or warn; the agent's: info]
    #[arg(long, global = true, value_name = "LEVEL", env = "DOCKEEPER_LOG_LEVEL")]
    pub(crate) log_level: Option<Levels>,
}

/// How long to wait for ZooKeeper when nothing is said.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);

// === impl Global ===

impl Global {
    /// How long to wait for ZooKeeper.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
            .map_or(TIMEOUT_DEFAULT, |Span(timeout)| timeout)
    }

    /// The same options, with no longer a wait for ZooKeeper than this.
    pub(crate) fn within(&self, limit: Duration) -> Self {
        Self {
            timeout: Some(Span(self.timeout().min(limit))),
            ..self.clone()
        }
    }

    /// The same options, with this machine's own keeper where nothing says where ZooKeeper is.
    pub(crate) fn or_local(&self) -> Self {
        Self {
            zk: Some(self.zk.clone().unwrap_or_else(Address::local)),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_line_of_the_help_is_broken_at_a_width_of_its_own() {
        fn check(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            let lines: Vec<_> = help.lines().collect();
            for pair in lines.windows(2) {
                let is_text = |line: &str| !line.is_empty() && !line.starts_with(' ');
                let name = command.get_name();
                assert!(!pair.iter().all(|line| is_text(line)), "{name}: {pair:?}");
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn a_password_is_never_shown() {
        let arguments = ["dockeeper", "ps", "--zk-auth", "me:secret"];
        let cli = Cli::try_parse_from(arguments).unwrap();
        assert!(!format!("{cli:?}").contains("secret"));
    }
}
