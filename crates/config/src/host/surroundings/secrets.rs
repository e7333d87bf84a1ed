use super::{answer::Sealed, sources::Teller};
use crate::{mirrored::Mirrored, secrets::Identity};
use dockeeper_model::{config::SecretName, decode, layout};
use dockeeper_zk_client::Client;
use tokio::task::spawn_blocking;

/// Tells a secret, and again whenever it changes, until the session is over.
pub(super) async fn follow(
    client: &Client,
    name: &SecretName,
    identity: &Identity,
    told: &Teller<Option<Sealed>>,
) {
    let path = layout::secret(name);
    let mut mirrored = Mirrored::start(client, &path);
    while let Some(seen) = mirrored.next().await {
        let found =
            seen.map(|tree| tree.read(|nodes| nodes.get(&path).map(|node| node.data.clone())));
        let record = match found {
            Ok(None) => {
                told.known(None);
                continue;
            }
            Ok(Some(content)) => decode(&content).map_err(|why| why.to_string()),
            Err(why) => Err(why),
        };
        match record {
            Ok(record) => {
                let (name, identity) = (name.clone(), identity.clone());
                let open = spawn_blocking(move || Sealed::open(record, &name, &identity));
                match open.await {
                    Ok(sealed) => told.known(Some(sealed)),
                    Err(error) => told.refused(format!("its decryption was lost: {error}")),
                }
            }
            Err(why) => told.refused(why),
        }
    }
}
