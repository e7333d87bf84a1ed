use crate::{
    args::Global,
    exit::{Code, Failure},
    output::{self, text},
    tree::{
        Place,
        names::{BATCH_MAX, Names},
        progress::Progress,
    },
    zookeeper,
};
use dockeeper_zk_client::{Client, Error, ErrorCode};
use futures_util::future::join_all;

/// How often a tree is gone through while others make znodes in it.
const ROUNDS_MAX: usize = 5;

/// The options of `zk rm`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The znode
    #[arg(value_parser = super::path)]
    path: String,

    /// Everything below it too
    #[arg(short, long)]
    recursive: bool,

    /// Only if the znode has this version, as `zk stat` shows it
    #[arg(long, value_name = "N", conflicts_with = "recursive",
          value_parser = clap::value_parser!(i32).range(0..))]
    version: Option<i32>,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    if args.path == "/" {
        let why = "the root is not deleted: name a znode below it";
        return Err(Failure::usage(why).into());
    }
    zookeeper::with_tree(global, async |session| {
        let place = Place::of(session);
        if place.is_reserved(&args.path) {
            let why = format!("{} is ZooKeeper's own: it is not deleted", args.path);
            return Err(Failure::usage(why).into());
        }
        if args.recursive {
            let mut count = 0;
            let removed = remove_all(&place, &args.path, &mut count).await;
            let deleted = format!("{} deleted", text::count(count, "znode"));
            return match removed {
                Ok(()) => {
                    output::note(&deleted);
                    Ok(())
                }
                // Nothing has changed: the error says it all.
                Err(error) if count == 0 => Err(error),
                Err(error) => {
                    output::note(&format!(
                        "{deleted} before it failed; it can be run again for the rest"
                    ));
                    let why = format!("{:#}", session.explain(error));
                    Err(Failure::new(Code::Partial, why).into())
                }
            };
        }
        match place.client.delete(&args.path, args.version).await {
            Err(error) if error.is(ErrorCode::NotEmpty) => Err(anyhow::anyhow!(
                "{} has children: -r deletes them too",
                args.path
            )),
            deleted => Ok(deleted?),
        }
    })
    .await
}

/// Deletes a tree from its leaves up, and counts what it has deleted, also before a failure.
async fn remove_all(place: &Place, top: &str, count: &mut usize) -> anyhow::Result<()> {
    // What is not there at the beginning is an error; later it is what was wanted.
    place.client.list(top).await?;
    let mut progress = Progress::new("deleting");
    for _ in 0..ROUNDS_MAX {
        let mut paths = Vec::new();
        let mut names = Names::new(place, top);
        loop {
            let batch = names.next().await?;
            if batch.is_empty() {
                break;
            }
            for named in batch {
                if let Some(refused) = named.refused {
                    // What lies below may not be seen, and so not deleted.
                    return Err(refused.into());
                }
                names.descend(&named.path, &named.children)?;
                paths.push(named.path);
            }
        }
        if paths.is_empty() {
            return Ok(());
        }
        // A znode comes before those below it, and a session's requests are carried out in order.
        paths.reverse();
        for batch in paths.chunks(BATCH_MAX) {
            let deleted = batch.iter().map(|path| remove(&place.client, path));
            let deleted = join_all(deleted).await;
            // Those behind one that failed may be deleted all the same.
            *count += deleted
                .iter()
                .filter(|deleted| matches!(deleted, Ok(true)))
                .count();
            deleted.into_iter().collect::<Result<Vec<_>, _>>()?;
            progress.tell(u64::try_from(*count).unwrap_or(u64::MAX));
        }
    }
    anyhow::bail!("{top} is still there: others create znodes in it while it is deleted")
}

/// Whether this deleted it: somebody else may have, or have made a child of it.
async fn remove(client: &Client, path: &str) -> Result<bool, Error> {
    match client.delete(path, None).await {
        Ok(()) => Ok(true),
        Err(error) if error.is(ErrorCode::NoNode) || error.is(ErrorCode::NotEmpty) => Ok(false),
        Err(error) => Err(error),
    }
}
