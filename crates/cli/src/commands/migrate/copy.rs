use super::{Args, End};
use crate::{
    exit::{Code, Failure},
    output::{self, text},
    tree::{
        Node, Place,
        names::Named,
        plan::Step,
        progress::Progress,
        tally::{Paths, Tally},
        walk::{self, Found, Read, Walk},
        write::{Done, Writer},
    },
};
use dockeeper_zk_client::{ErrorCode, path};
use futures_util::future::{join, join_all};

/// What came of a copy.
#[derive(Debug, Default)]
pub(super) struct Copied {
    pub(super) tally: Tally,
    pub(super) ephemerals: usize,
    /// Whether some were left out as they would be ZooKeeper's own at the target.
    pub(super) hits_reserved: bool,
    /// Those of the source that may not be read.
    pub(super) unreadable: Paths,
    /// The topmost of those that are only at the target.
    pub(super) only_there: Paths,
}

/// Brings the target to what the source is. What came of it is told of a failure too.
pub(super) async fn copy(
    args: &Args,
    from: &End<'_>,
    to: &End<'_>,
    copied: &mut Copied,
) -> anyhow::Result<()> {
    let writer = Writer {
        place: &to.place,
        overwrite: true,
        parents: true,
        dry_run: args.dry_run,
    };
    for node in above(args, from, to).await? {
        let nodes = [node];
        let done = writer.write(&nodes, &mut copied.tally).await?;
        tell(args, &nodes, &done)?;
    }
    let mut walk = Walk::new(&from.place, &args.path, &args.kinds, true).onto(&to.place);
    let mut progress = Progress::new("copying");
    let mut found = walk.next().await.map_err(|error| from.explain(error))?;
    while !found.is_empty() {
        // What comes next is read while this is written.
        let (next, written) = join(walk.next(), write(args, &writer, copied, found)).await;
        written?;
        found = next.map_err(|error| from.explain(error))?;
        progress.tell(copied.tally.total());
    }
    copied.ephemerals = walk.ephemerals;
    copied.hits_reserved = walk.hits_reserved();
    copied.unreadable = walk.unreadable;
    Ok(())
}

/// Writes znodes, and looks for what is only at the target beside them.
async fn write(
    args: &Args,
    writer: &Writer<'_>,
    copied: &mut Copied,
    found: Vec<Found>,
) -> anyhow::Result<()> {
    let (nodes, children): (Vec<_>, Vec<_>) = found
        .into_iter()
        .map(|found| (found.node, found.children))
        .unzip();
    let done = writer.write(&nodes, &mut copied.tally).await?;
    tell(args, &nodes, &done)?;
    let there = nodes.iter().zip(&children).zip(&done);
    let there = there.filter(|(_, done)| done.has_children);
    for path in others(writer.place, there.map(|(found, _)| found)).await? {
        copied.only_there.add(&path);
    }
    Ok(())
}

/// The znodes above the one to begin at that are missing at the target, from the root down.
async fn above(args: &Args, from: &End<'_>, to: &End<'_>) -> anyhow::Result<Vec<Node>> {
    let source = &from.place;
    let top = source.client.list(&source.client_path(&args.path)).await;
    top.map_err(|error| from.explain(error))?;
    let mut nodes = Vec::new();
    for above in path::ancestors(&args.path).skip(1) {
        let there = to.place.client.exists(&to.place.client_path(above)).await?;
        if there.is_some() {
            break;
        }
        let stat = source.client.exists(&source.client_path(above)).await;
        let Some(stat) = stat.map_err(|error| from.explain(error))? else {
            continue;
        };
        let named = Named {
            path: above.to_owned(),
            stat,
            children: Vec::new(),
            refused: None,
        };
        let read = walk::read(source, &args.kinds, true, named).await;
        match read.map_err(|error| from.explain(error))? {
            Read::Found(found) => nodes.push(found.node),
            Read::Refused { why, .. } => return Err(from.explain(why)),
            Read::Gone => {}
        }
    }
    nodes.reverse();
    Ok(nodes)
}

/// Prints what would be done where nothing is done.
fn tell(args: &Args, nodes: &[Node], done: &[Done]) -> anyhow::Result<()> {
    let mut lines = String::new();
    for (node, Done { step, .. }) in nodes.iter().zip(done) {
        let path = text::clean(&node.path);
        match step {
            Step::Create => lines.push_str(&format!("create {path}\n")),
            Step::Change { acl, data } => {
                if data.is_some() {
                    lines.push_str(&format!("set {path}\n"));
                }
                if acl.is_some() {
                    lines.push_str(&format!("set ACL {path}\n"));
                }
            }
            Step::Same | Step::Keep => {}
            Step::InTheWay => return Err(in_the_way(&path).into()),
        }
    }
    if args.dry_run {
        output::print(&lines)?;
    }
    Ok(())
}

fn in_the_way(path: &str) -> Failure {
    Failure::new(
        Code::Failure,
        format!(
            "{path} is an ephemeral znode at the target, of a session that lives there: end that \
             session, or copy to another chroot"
        ),
    )
}

/// The children at the target that the source does not have.
async fn others(
    place: &Place,
    found: impl Iterator<Item = (&Node, &Vec<String>)>,
) -> anyhow::Result<Vec<String>> {
    let listed = found.map(async |(node, children)| {
        let listed = place.client.list(&place.client_path(&node.path)).await;
        (node, children, listed)
    });
    let mut others = Vec::new();
    for (node, children, listed) in join_all(listed).await {
        let mut names = match listed {
            Ok((names, _)) => names,
            Err(error) if error.is(ErrorCode::NoNode) => continue,
            Err(error) => return Err(error.into()),
        };
        names.retain(|name| children.binary_search(name).is_err());
        names.sort_unstable();
        let paths = names.iter().map(|name| path::join(&node.path, name));
        others.extend(paths.filter(|path| !place.is_reserved(path)));
    }
    Ok(others)
}
