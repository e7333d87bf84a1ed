//! `dockeeper migrate`: a tree from one ZooKeeper to another.

mod copy;
mod overlap;
mod report;
mod verify;

use super::zk;
use crate::{
    args::Global,
    exit::Failure,
    output,
    tree::{Place, RESERVED, kinds::Kinds, tally::Paths},
    zookeeper::{self, Address, Auth, AuthOption, Session, Tls},
};
use clap::builder::BoolishValueParser;
use copy::Copied;
use dockeeper_zk_client::{Config, ConnectString, path};

const FROM_AUTH: AuthOption = AuthOption {
    option: "--from-auth",
    variable: "DOCKEEPER_FROM_AUTH",
    tls: "--from-tls",
};

const TO_AUTH: AuthOption = AuthOption {
    option: "--to-auth",
    variable: "DOCKEEPER_TO_AUTH",
    tls: "--to-tls",
};

/// The options of `migrate`.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("\
Copies data and access control lists, as they are. Only differences are written, so it can be run \
again, also while the source is in use. What is only at the target is left and named. At the end \
both trees are read and compared: when they differ, somebody has written meanwhile; run it again.

Znodes that may not be read are left out with what lies below them and named, and the exit code is \
7; so are those with a digest that is hidden in part: to see it takes ADMIN. Access control lists \
hold at the target as soon as a znode is there: give --to-auth of somebody whom they allow to \
create what lies below.

{}

Examples:
  dockeeper migrate --from zk1:2181 --to zk9:2181/copy --dry-run
  dockeeper migrate --from zk1,zk2,zk3 --to new1,new2,new3 --path /app --container '/app/locks/*'",
  zk::UNKNOWABLE))]
pub(crate) struct Args {
    /// Where to copy from: HOST:PORT,HOST:PORT/CHROOT; the whole tree without a chroot
    #[arg(long, value_name = "ADDRESS")]
    from: Address,

    /// Where to copy to, written in the same way; the chroot is made where it is missing
    #[arg(long, value_name = "ADDRESS")]
    to: Address,

    /// The znode to begin at, at both
    #[arg(long, value_name = "PATH", value_parser = zk::path, default_value = "/")]
    path: String,

    /// Write nothing; print a line for each znode that would be written
    #[arg(long)]
    dry_run: bool,

    /// The user and password for the source: USER:PASSWORD; may be repeated
    #[arg(
        long,
        value_name = "USER:PASSWORD",
        env = FROM_AUTH.variable,
        hide_env_values = true
    )]
    from_auth: Vec<Auth>,

    /// The user and password for the target: USER:PASSWORD; may be repeated
    #[arg(
        long,
        value_name = "USER:PASSWORD",
        env = TO_AUTH.variable,
        hide_env_values = true
    )]
    to_auth: Vec<Auth>,

    /// Speak TLS with the source [default: what --zk-tls says, which its files imply]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", value_parser = BoolishValueParser::new())]
    from_tls: Option<bool>,

    /// Speak TLS with the target [default: what --zk-tls says, which its files imply]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", value_parser = BoolishValueParser::new())]
    to_tls: Option<bool>,

    #[command(flatten)]
    kinds: Kinds,
}

/// One end of a migration.
struct End<'a> {
    session: &'a Session,
    place: Place,
}

pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    args.kinds.check()?;
    let (from, to) = (&args.from.tree, &args.to.tree);
    let top = overlap::top(to, &args.path);
    if path::is_within(&top, RESERVED) {
        let why = format!("{top} at the target is ZooKeeper's own: nothing is copied to it");
        return Err(Failure::usage(why).into());
    }
    if let Some(overlap) = overlap::overlap(from, to, &args.path)
        && overlap::are_one(from, to, global.timeout()).await
    {
        return Err(Failure::usage(overlap.why()).into());
    }
    let source = config(global, from, &args.from_auth, FROM_AUTH, args.from_tls)?;
    let target = config(global, to, &args.to_auth, TO_AUTH, args.to_tls)?;
    let limit = global.timeout();
    zookeeper::with_config(source, FROM_AUTH, limit, async |source| {
        zookeeper::with_config(target, TO_AUTH, limit, async |target| {
            let from = End::new(source, from);
            let to = End::new(target, to);
            migrate(&args, &from, &to).await
        })
        .await
    })
    .await
}

async fn migrate(args: &Args, from: &End<'_>, to: &End<'_>) -> anyhow::Result<()> {
    let mut copied = Copied::default();
    let result = copy::copy(args, from, to, &mut copied).await;
    if result.is_err() && !args.dry_run {
        output::note(&copied.tally.before_a_failure());
    }
    result?;
    report::copied(args, &copied)?;
    if args.dry_run {
        output::note("nothing was written: this was a dry run");
        let consequence = "they and what lies below would be left out";
        return from.whole(&copied.unreadable, consequence);
    }
    let verified = verify::verify(args, from, to).await;
    if verified.is_err() {
        output::note("all was written, but not compared: run it again, which compares once more");
    }
    report::verified(from, &verified?)
}

/// A client that sees the whole tree: the chroot need not be there yet.
fn config(
    global: &Global,
    servers: &ConnectString,
    auths: &[Auth],
    option: AuthOption,
    tls: Option<bool>,
) -> anyhow::Result<Config> {
    let tls = Tls {
        zk_tls: tls.or(global.tls.zk_tls),
        ..global.tls.clone()
    };
    let servers = servers.with_chroot("/")?;
    Ok(zookeeper::config_as(global, servers, auths, option, &tls)?)
}

// === impl End ===

impl<'a> End<'a> {
    fn new(session: &'a Session, servers: &ConnectString) -> Self {
        Self {
            session,
            place: Place::at(session, servers.chroot()),
        }
    }

    /// An error of this end's, before it is taken for the other's.
    fn explain(&self, error: impl Into<anyhow::Error>) -> anyhow::Error {
        self.session.explain(error.into())
    }

    /// Fails when some of its znodes may not be read.
    fn whole(&self, unreadable: &Paths, consequence: &str) -> anyhow::Result<()> {
        if unreadable.count == 0 {
            return Ok(());
        }
        Err(self.session.unreadable(unreadable, consequence).into())
    }
}
