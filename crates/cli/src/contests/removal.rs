use super::{Kind, read};
use crate::{
    args::Global,
    exit::{Code, Failure},
    holding::Place,
    output,
    output::text,
    zookeeper,
};
use dockeeper_zk_client::ErrorCode;

/// Takes it away from those who hold it, as if they had released it. Dockeeper's are told at once
/// and end their commands; other programs may not notice.
pub(crate) async fn remove_holders(
    kind: Kind,
    place: &Place,
    global: &Global,
) -> anyhow::Result<()> {
    let znode = place.znode(|name| kind.znode(name));
    let servers = place.servers(global)?;
    let prefix = zookeeper::tree_prefix(global, &servers)?;
    zookeeper::with_servers(global, servers, async |session| {
        let found = read(&session.client, kind, &znode, &prefix).await?;
        let mut count = 0_usize;
        for holder in found.entries.iter().filter(|found| found.is_holder) {
            match session.client.delete(&holder.path, None).await {
                Ok(()) => {
                    count += 1;
                    let who = text::clean(&holder.who());
                    output::note(&format!("taken from {who}: {}", text::clean(&holder.znode)));
                }
                // It was released in that moment.
                Err(error) if error.is(ErrorCode::NoNode) => {}
                Err(error) => return Err(error.into()),
            }
        }
        match (count, found.warning) {
            (1.., Some(warning)) => output::warn(&warning),
            (1.., None) => {}
            (0, Some(warning)) => return Err(Failure::new(Code::Failure, warning).into()),
            (0, None) => {
                let (verb, noun) = (kind.verb(), kind.noun());
                let why = format!("nobody {verb} the {noun} {}", place.label());
                return Err(Failure::not_found(why).into());
            }
        }
        Ok(())
    })
    .await
}
