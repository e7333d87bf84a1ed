mod file;
mod replacement;
mod sink;

use super::value::STDIO;
use crate::{
    args::Global,
    output::{self, text},
    tree::{Place, kinds::Kinds, line, progress::Progress, tally::Paths, walk::Walk},
    zookeeper::{self, Session},
};
use anyhow::Context;
use file::Output;
use sink::Sink;
use std::{
    io,
    path::{Path, PathBuf},
};

/// What the help of both commands that copy says of what cannot be read.
pub(crate) const UNKNOWABLE: &str = "\
ZooKeeper tells no client which znodes are containers and which have a time to live, nor how long: \
all are copied as persistent ones, unless --container and --ttl say otherwise. Ephemeral znodes are \
left out, as they belong to their sessions, and so is ZooKeeper's own /zookeeper. Versions and times \
begin anew.";

/// The options of `zk export`.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("\
Each line is an object with path, data (in base64), acl, and for containers and times to live kind \
and ttlMs; a znode comes before those below it. Znodes that may not be read are left out with what \
lies below them and named, and the exit code is 7; so are those with a digest whose hash is shown \
only to ADMIN, as the copy would lock everybody out.

{UNKNOWABLE}"))]
pub(crate) struct Args {
    /// The znode to begin at
    #[arg(value_parser = super::path, default_value = "/")]
    path: String,

    /// Write to a file instead of the standard output. A new file has the mode 0600; one that is
    /// there is replaced as a whole and keeps its mode, and its owner and group where you may set
    /// them
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Leave access control lists out
    #[arg(long)]
    no_acl: bool,

    #[command(flatten)]
    kinds: Kinds,
}

/// What came of an export.
struct Exported {
    count: usize,
    ephemerals: usize,
    unreadable: Paths,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    args.kinds.check()?;
    zookeeper::with_tree(global, async |session| {
        let Exported {
            count,
            ephemerals,
            unreadable,
        } = match &args.file {
            Some(path) if path.as_os_str() != STDIO => to_file(args, session, path).await?,
            _ => to_stdout(args, session).await?,
        };
        output::note(&format!(
            "{} exported; {} left out",
            text::count(count, "znode"),
            text::count(ephemerals, "ephemeral znode")
        ));
        if let Some(unmatched) = args.kinds.unmatched() {
            output::note(&unmatched);
        }
        if unreadable.count > 0 {
            let consequence = "the export lacks them and what lies below";
            return Err(session.unreadable(&unreadable, consequence).into());
        }
        Ok(())
    })
    .await
}

async fn to_file(args: &Args, session: &Session, path: &Path) -> anyhow::Result<Exported> {
    let mut file = Output::open(path).await?;
    let exported = export(args, session, async |lines| file.write(lines).await).await?;
    file.finish().await?;
    Ok(exported)
}

async fn to_stdout(args: &Args, session: &Session) -> anyhow::Result<Exported> {
    let failed = "cannot write to the standard output";
    let mut sink = Sink::new(io::stdout());
    let write = async |lines| sink.write(lines).await.context(failed);
    let exported = export(args, session, write).await?;
    sink.finish().await.context(failed)?;
    Ok(exported)
}

async fn export(
    args: &Args,
    session: &Session,
    mut write: impl AsyncFnMut(String) -> anyhow::Result<()>,
) -> anyhow::Result<Exported> {
    let place = Place::of(session);
    // What is not there is an error, and no empty tree.
    session.client.list(&args.path).await?;
    let mut walk = Walk::new(&place, &args.path, &args.kinds, !args.no_acl);
    let mut progress = Progress::new("exporting");
    let mut count = 0;
    loop {
        let found = walk.next().await?;
        if found.is_empty() {
            return Ok(Exported {
                count,
                ephemerals: walk.ephemerals,
                unreadable: walk.unreadable,
            });
        }
        let mut lines = String::new();
        for found in found {
            lines.push_str(&line::write(&found.node)?);
            count += 1;
        }
        write(lines).await?;
        progress.tell(count as u64);
    }
}
