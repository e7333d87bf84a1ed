use super::{Entry, Kind, read};
use crate::{args::Global, exit::Failure, holding::Place, output, output::text, zookeeper};
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
    zookeeper::with_servers(global, servers, async |session| {
        let found = read(&session.client, kind, &znode).await?;
        let mut count = 0;
        for holder in found.into_iter().filter(|found| found.is_holder) {
            match session.client.delete(&holder.node, None).await {
                Ok(()) => {
                    count += 1;
                    let holder = Entry::from(holder);
                    let who = text::clean(&holder.who());
                    output::note(&format!("taken from {who}: {}", text::clean(&holder.znode)));
                }
                // It was released in that moment.
                Err(error) if error.is(ErrorCode::NoNode) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if count == 0 {
            let why = format!("nobody holds the {} {}", kind.noun(), place.label());
            return Err(Failure::not_found(why).into());
        }
        Ok(())
    })
    .await
}
