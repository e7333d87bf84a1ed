mod lines;

use super::value::STDIO;
use crate::{
    args::Global,
    exit::{Code, Failure},
    output::{self, text},
    tree::{Place, names::BATCH_MAX, plan, progress::Progress, tally::Tally, write::Writer},
    zookeeper,
};
use dockeeper_zk_client::path;
use lines::Lines;
use std::path::PathBuf;

/// How many bytes of data are compared and written at once: bounds the memory.
const DATA_LEN_MAX: usize = 8 << 20;

/// The options of `zk import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Only differences are written, so an import can be repeated. Znodes that are there with other data \
or another access control list are left as they are, named, and a failure; with --overwrite they \
are changed. Znodes above those of the file are made where they are missing, and so is the chroot. \
Lines below /zookeeper are left out and counted: that is ZooKeeper's own. Nothing is deleted.")]
pub(crate) struct Args {
    /// The file that `zk export` has written; "-" for the standard input
    file: PathBuf,

    /// Put everything below this znode
    #[arg(long, value_name = "PATH", value_parser = super::path, default_value = "/")]
    path: String,

    /// Change what is there and differs
    #[arg(long)]
    overwrite: bool,
}

/// What came of an import.
#[derive(Debug, Default)]
struct Imported {
    tally: Tally,
    /// The lines whose znodes are ZooKeeper's own.
    reserved: usize,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    // A missing address is told before a missing file.
    zookeeper::tree_servers(global)?;
    let is_stdin = args.file.as_os_str() == STDIO;
    let mut lines = Lines::open((!is_stdin).then_some(&*args.file))?;
    zookeeper::with_root(global, async |session, chroot| {
        let place = Place::at(session, chroot);
        let mut imported = Imported::default();
        let result = import(args, &place, &mut lines, &mut imported).await;
        if result.is_err() {
            output::note(&imported.tally.before_a_failure());
        }
        result?;
        if imported.tally.total() == 0 && imported.reserved == 0 {
            output::note("there was no line in it, so nothing was imported");
        }
        report(&imported)
    })
    .await
}

async fn import(
    args: &Args,
    place: &Place,
    lines: &mut Lines,
    imported: &mut Imported,
) -> anyhow::Result<()> {
    let writer = Writer {
        place,
        overwrite: args.overwrite,
        parents: true,
        dry_run: false,
    };
    let mut progress = Progress::new("importing");
    while let Some(mut nodes) = lines.next().await? {
        for node in &mut nodes {
            node.path = below(&args.path, &node.path);
        }
        let read = nodes.len();
        nodes.retain(|node| !place.is_reserved(&node.path));
        imported.reserved += read - nodes.len();
        for batch in plan::batches(nodes, BATCH_MAX, DATA_LEN_MAX) {
            writer.write(&batch, &mut imported.tally).await?;
            progress.tell(imported.tally.total());
        }
    }
    Ok(())
}

/// The path of a line below another.
fn below(top: &str, of_line: &str) -> String {
    match (top, of_line) {
        (top, "/") => top.to_owned(),
        (top, of_line) => path::join(top, of_line.trim_start_matches('/')),
    }
}

fn report(Imported { tally, reserved }: &Imported) -> anyhow::Result<()> {
    output::note(&format!(
        "{} created, {} changed, {} there already",
        tally.created, tally.changed, tally.same
    ));
    if *reserved > 0 {
        output::note(&skipped(*reserved));
    }
    let left = tally.kept.count + tally.in_the_way.count;
    if left == 0 {
        return Ok(());
    }
    let mut why = String::new();
    if tally.kept.count > 0 {
        let count = text::count(tally.kept.count, "znode");
        let lines = tally.kept.lines();
        why.push_str(&format!(
            "{count} there with other content, left as they are (--overwrite changes them):{lines}"
        ));
    }
    if tally.in_the_way.count > 0 {
        let separator = if why.is_empty() { "" } else { "\n" };
        let count = text::count(tally.in_the_way.count, "ephemeral znode");
        let lines = tally.in_the_way.lines();
        why.push_str(&format!("{separator}{count} in the way:{lines}"));
    }
    Err(Failure::new(Code::Failure, why).into())
}

fn skipped(count: usize) -> String {
    let lines = text::count(count, "line");
    format!(
        "{lines} left out: what is at /zookeeper or below it is ZooKeeper's own, and each server \
         has its own"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_goes_below_a_znode() {
        for (top, line, expected) in [
            ("/", "/", "/"),
            ("/", "/a/b", "/a/b"),
            ("/x/y", "/", "/x/y"),
            ("/x/y", "/a", "/x/y/a"),
        ] {
            assert_eq!(below(top, line), expected);
        }
    }
}
