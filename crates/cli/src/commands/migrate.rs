//! `dockeeper migrate`: a tree from one ZooKeeper to another.

mod copy;
mod verify;

use super::zk;
use crate::{
    args::Global,
    exit::Failure,
    output::{self, text},
    tree::{Place, kinds::Kinds, tally::Paths},
    zookeeper::{self, Address, Auth, Session, Tls},
};
use clap::builder::BoolishValueParser;
use copy::Copied;
use dockeeper_zk_client::{Config, ConnectString, path};

/// The options of `migrate`.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("\
Copies data and access control lists, as they are. Only differences are written, so it can be run
again, also while the source is in use. What is only at the target is left and named. At the end
both trees are read and compared: when they differ, somebody has written meanwhile; run it again.

To see a digest in full takes ADMIN at the source: a part that is hidden is an error. Access control
lists hold at the target as soon as a znode is there: give --to-auth of somebody whom they allow to
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
        env = "DOCKEEPER_FROM_AUTH",
        hide_env_values = true
    )]
    from_auth: Vec<Auth>,

    /// The user and password for the target: USER:PASSWORD; may be repeated
    #[arg(
        long,
        value_name = "USER:PASSWORD",
        env = "DOCKEEPER_TO_AUTH",
        hide_env_values = true
    )]
    to_auth: Vec<Auth>,

    /// Speak TLS with the source [default: what --zk-tls says]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", value_parser = BoolishValueParser::new())]
    from_tls: Option<bool>,

    /// Speak TLS with the target [default: what --zk-tls says]
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
    let (from, to) = (&args.from.tree, &args.to.tree);
    if overlap(from, to) {
        let why = "--to lies in what --from names: the copy would be copied";
        return Err(Failure::usage(why).into());
    }
    let source = config(global, from, &args.from_auth, args.from_tls)?;
    let target = config(global, to, &args.to_auth, args.to_tls)?;
    zookeeper::with_config(source, global.timeout(), async |source| {
        zookeeper::with_config(target, global.timeout(), async |target| {
            let from = End::new(source, from);
            let to = End::new(target, to);
            migrate(&args, &from, &to).await
        })
        .await
    })
    .await
}

async fn migrate(args: &Args, from: &End<'_>, to: &End<'_>) -> anyhow::Result<()> {
    let copied = copy::copy(args, from, to).await?;
    report(args, &copied)?;
    if args.dry_run {
        output::note("nothing was written: this was a dry run");
        return Ok(());
    }
    verify::verify(args, from, to).await
}

fn report(args: &Args, copied: &Copied) -> anyhow::Result<()> {
    let Copied {
        tally,
        ephemerals,
        only_there,
    } = copied;
    let left_out = usize::try_from(*ephemerals).unwrap_or(usize::MAX);
    let summary = format!(
        "{} created, {} changed, {} the same; {} left out\n",
        tally.created,
        tally.changed,
        tally.same,
        text::count(left_out, "ephemeral znode")
    );
    if args.dry_run {
        output::note(summary.trim_end());
    } else {
        output::print(&summary)?;
    }
    if only_there.count > 0 {
        note_of_others(only_there);
    }
    if args.kinds.is_silent() {
        output::note(
            "ZooKeeper does not tell which znodes are containers or have a time to live: all are \
             persistent at the target (see --container and --ttl)",
        );
    }
    Ok(())
}

fn note_of_others(only_there: &Paths) {
    let count = text::count(only_there.count, "znode");
    let lines = only_there.lines();
    output::note(&format!(
        "{count} only at the target, left with what lies below:{lines}"
    ));
}

/// A client that sees the whole tree: the chroot need not be there yet.
fn config(
    global: &Global,
    servers: &ConnectString,
    auths: &[Auth],
    tls: Option<bool>,
) -> anyhow::Result<Config> {
    let tls = Tls {
        zk_tls: tls.or(global.tls.zk_tls),
        ..global.tls.clone()
    };
    let servers = servers.with_chroot("/")?;
    Ok(zookeeper::config_as(global, servers, auths, &tls)?)
}

/// Whether the target is a part of the source, as far as their addresses tell.
fn overlap(from: &ConnectString, to: &ConnectString) -> bool {
    let is_same = from.hosts().iter().any(|host| to.hosts().contains(host));
    is_same && path::is_within(to.chroot(), from.chroot())
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_into_its_source_is_noticed() {
        for (from, to, expected) in [
            ("a,b", "c,d", false),
            ("a,b/x", "b,c/x/y", true),
            ("a", "a", true),
            ("a/x", "a/y", false),
            ("a:1", "a:2", false),
        ] {
            let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
            assert_eq!(overlap(&from, &to), expected, "{from} {to}");
        }
    }
}
