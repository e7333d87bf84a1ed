//! The commands. A new one is a module, a line in [`Command`] and a line in [`Command::run`].

mod agent;
mod barrier;
mod completions;
mod config;
mod dev;
mod discover;
mod doctor;
mod elect;
mod inspect;
mod keeper;
mod lock;
mod maintenance;
mod man;
mod migrate;
mod nodes;
pub(crate) mod ps;
mod semaphore;
mod services;
mod watch;
mod zk;

use crate::args::Global;
use clap::Subcommand;

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register what this host's Docker runs, for as long as it runs
    Agent(Box<agent::Args>),
    /// Serve ZooKeeper's protocol from this machine alone, without Java
    Keeper(Box<keeper::Args>),
    /// Run all that one machine needs: a keeper in the place of ZooKeeper, and an agent
    Dev(Box<dev::Args>),
    /// List the containers of all hosts
    Ps(ps::Args),
    /// List the Docker hosts
    Nodes(nodes::Args),
    /// List the services that have an instance
    Services(services::Args),
    /// List the instances of a service: where it is reached
    Discover(discover::Args),
    /// Show all that is known of a container, a node or a service instance, as JSON
    Inspect(inspect::Args),
    /// Print a line for each change of what is registered, until Ctrl-C
    Watch(watch::Args),
    /// Take nodes, services or containers out of service, and put them back
    #[command(subcommand)]
    Maintenance(maintenance::Command),
    /// Give containers their configuration: release it, roll it out, and go back
    #[command(subcommand)]
    Config(Box<config::Command>),
    /// Run a command while no other host does, and see who holds a lock
    #[command(subcommand)]
    Lock(Box<lock::Command>),
    /// Run a command on no more than a number of hosts at a time
    #[command(subcommand)]
    Semaphore(Box<semaphore::Command>),
    /// Run a command on one of several hosts, and on another when that one goes
    #[command(subcommand)]
    Elect(Box<elect::Command>),
    /// Let many wait until one lets them go on
    #[command(subcommand)]
    Barrier(barrier::Command),
    /// Look at any ZooKeeper, and change what lies there
    ///
    /// Paths lie below the chroot of --zk. Without one they are those of the whole tree, not only
    /// of Dockeeper's.
    #[command(subcommand)]
    Zk(zk::Command),
    /// Copy a tree from one ZooKeeper to another, and verify the copy
    Migrate(Box<migrate::Args>),
    /// Test ZooKeeper and Docker step by step, and say what to change
    Doctor(doctor::Args),
    /// Print a shell's completion script
    Completions(completions::Args),
    /// Print the manual page, or write those of all commands
    Man(man::Args),
}

// === impl Command ===

impl Command {
    /// Whether the command sets up the log by itself, with settings of its own.
    pub(crate) fn logs_by_itself(&self) -> bool {
        matches!(self, Self::Agent(_) | Self::Dev(_) | Self::Keeper(_))
    }

    /// Whether the command changes nothing in ZooKeeper. Only then is it harmless to guess where
    /// ZooKeeper is.
    fn only_reads(&self) -> bool {
        match self {
            Self::Ps(_)
            | Self::Nodes(_)
            | Self::Services(_)
            | Self::Discover(_)
            | Self::Inspect(_)
            | Self::Watch(_)
            | Self::Doctor(_) => true,
            Self::Maintenance(command) => command.only_reads(),
            Self::Config(command) => command.only_reads(),
            Self::Lock(command) => command.only_reads(),
            Self::Semaphore(command) => command.only_reads(),
            Self::Elect(command) => command.only_reads(),
            Self::Barrier(command) => command.only_reads(),
            Self::Zk(command) => command.only_reads(),
            Self::Agent(_)
            | Self::Keeper(_)
            | Self::Dev(_)
            | Self::Migrate(_)
            | Self::Completions(_)
            | Self::Man(_) => false,
        }
    }

    pub(crate) async fn run(self, global: &Global) -> anyhow::Result<()> {
        let global = &match self.only_reads() {
            true => global.or_local(),
            false => global.clone(),
        };
        match self {
            Self::Agent(args) => agent::run(*args, global).await,
            Self::Keeper(args) => keeper::run(*args, global).await,
            Self::Dev(args) => dev::run(*args, global).await,
            Self::Ps(args) => ps::run(args, global).await,
            Self::Nodes(args) => nodes::run(args, global).await,
            Self::Services(args) => services::run(args, global).await,
            Self::Discover(args) => discover::run(args, global).await,
            Self::Inspect(args) => inspect::run(args, global).await,
            Self::Watch(args) => watch::run(args, global).await,
            Self::Maintenance(command) => command.run(global).await,
            Self::Config(command) => command.run(global).await,
            Self::Lock(command) => command.run(global).await,
            Self::Semaphore(command) => command.run(global).await,
            Self::Elect(command) => command.run(global).await,
            Self::Barrier(command) => command.run(global).await,
            Self::Zk(command) => command.run(global).await,
            Self::Migrate(args) => migrate::run(*args, global).await,
            Self::Doctor(args) => doctor::run(args, global).await,
            Self::Completions(args) => completions::run(&args),
            Self::Man(args) => man::run(&args),
        }
    }
}
