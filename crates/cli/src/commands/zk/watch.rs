use crate::{
    args::Global,
    clock, interrupt,
    output::{self, Lines, json, text},
    zookeeper::{self, Connection, Session},
};
use dockeeper_zk_client::{AddWatchMode, Event, EventKind, Notice};
use serde::Serialize;

/// The options of `zk watch`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each line is the time, what happened (created, deleted, changed, children), and the znode. With -R \
ZooKeeper tells of children only that they were created or deleted. `resync` stands for changes \
that were missed while there was no connection. With -o json each line is an object with timeMs, \
event and path.")]
pub(crate) struct Args {
    /// The znode, which need not be there yet
    #[arg(value_parser = super::path)]
    path: String,

    /// Everything below it too
    #[arg(short = 'R', long)]
    recursive: bool,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Lines,
}

/// What becomes of changes while there is no connection.
const MISSED: &str = "what changes meanwhile is told as `resync` when there is one again";

/// What happened, as JSON shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    time_ms: i64,
    event: &'static str,
    path: &'a str,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let mut is_first = true;
    loop {
        let followed = zookeeper::with_tree(global, async |session| {
            let connection = Connection::new(MISSED);
            tokio::select! {
                followed = follow(args, session, std::mem::take(&mut is_first)) => followed,
                never = connection.follow(session.client.state()) => match never {},
            }
        });
        let followed = followed.await;
        if followed.is_err() {
            return interrupt::is_the_end(followed);
        }
        output::warn("the ZooKeeper session has expired; going on with a new one");
    }
}

/// Ends when the session is over.
async fn follow(args: &Args, session: &Session, is_first: bool) -> anyhow::Result<()> {
    let mode = if args.recursive {
        AddWatchMode::PersistentRecursive
    } else {
        AddWatchMode::Persistent
    };
    let mut watcher = session.client.watch(&args.path, mode).await?;
    // The first notice says that the watch is there: nothing was missed before it.
    let mut is_news = !is_first;
    while let Some(notice) = watcher.next().await {
        match notice {
            Notice::Resync if is_news => print(args.output, "resync", &args.path)?,
            Notice::Resync => output::note(&format!("watching {}", text::clean(&args.path))),
            Notice::Event(Event { kind, path }) => print(args.output, name(kind), &path)?,
        }
        is_news = true;
    }
    Ok(())
}

fn name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Created => "created",
        EventKind::Deleted => "deleted",
        EventKind::DataChanged => "changed",
        EventKind::ChildrenChanged => "children",
    }
}

fn print(format: Lines, event: &'static str, path: &str) -> anyhow::Result<()> {
    let time_ms = clock::now_ms();
    output::print(&match format {
        Lines::Text => format!(
            "{} {event} {}\n",
            clock::iso8601(time_ms),
            text::clean(path)
        ),
        Lines::Json => json::line(&Item {
            time_ms,
            event,
            path,
        })?,
    })
}
