use super::{Args, End};
use crate::{
    output,
    tree::{
        Node, Place,
        digest::Digest,
        plan::{self, Step, Target},
        progress::Progress,
        tally::Paths,
        walk::Walk,
        write,
    },
};
use dockeeper_zk_client::ErrorCode;
use futures_util::future::join;

/// What came of a comparison.
pub(super) struct Verified {
    pub(super) differing: Paths,
    /// Those of the source that may not be read, and so were not compared.
    pub(super) unreadable: Paths,
}

/// Reads both trees again, compares them, and prints a digest of each.
pub(super) async fn verify(args: &Args, from: &End<'_>, to: &End<'_>) -> anyhow::Result<Verified> {
    // In an ensemble each end's server may be behind what was written.
    from.place
        .client
        .sync("/")
        .await
        .map_err(|error| from.explain(error))?;
    to.place.client.sync("/").await?;
    let mut walk = Walk::new(&from.place, &args.path, &args.kinds, true).onto(&to.place);
    let mut progress = Progress::new("verifying");
    let (mut source, mut target) = (Digest::default(), Digest::default());
    let mut differing = Paths::default();
    let mut found = walk.next().await.map_err(|error| from.explain(error))?;
    while !found.is_empty() {
        let nodes: Vec<_> = found.into_iter().map(|found| found.node).collect();
        // What comes next is read while this is compared.
        let (next, there) = join(walk.next(), write::targets(&to.place, &nodes)).await;
        for (node, there) in nodes.iter().zip(there?) {
            source.add(node);
            if plan::step(node, there.as_ref(), true) != Step::Same {
                differing.add(&node.path);
            }
            if let Some(copy) = as_node(&to.place, node, there).await? {
                target.add(&copy);
            }
        }
        found = next.map_err(|error| from.explain(error))?;
        progress.tell(source.count);
    }
    output::print(&format!(
        "from {source}, {} znodes\nto   {target}, {} znodes\n",
        source.count, target.count
    ))?;
    Ok(Verified {
        differing,
        unreadable: walk.unreadable,
    })
}

/// What is at the target, as a znode of the source's; `None` when there is nothing.
async fn as_node(
    place: &Place,
    node: &Node,
    target: Option<Target>,
) -> anyhow::Result<Option<Node>> {
    let Some(target) = target else {
        return Ok(None);
    };
    let data = match target.data {
        Some(data) => data,
        // Data of another length were not read.
        None => match place.client.get(&place.client_path(&node.path)).await {
            Ok((data, _)) => data,
            Err(error) if error.is(ErrorCode::NoNode) => return Ok(None),
            Err(error) => return Err(error.into()),
        },
    };
    Ok(Some(Node {
        path: node.path.clone(),
        data,
        acl: target.acl,
        kind: node.kind,
    }))
}
