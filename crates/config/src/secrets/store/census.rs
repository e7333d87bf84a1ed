//! Whom secrets are encrypted for at one moment, and that nothing is encrypted for those of an
//! earlier one.
//!
//! Each change of the recipients also writes their parent, and each write of a secret checks the
//! parent's version. So a host that comes late with what it has encrypted for fewer cannot undo what
//! another has encrypted for all; and once all secrets have been encrypted for a census, they stay so
//! until the next.

use super::{
    super::{Error, RECIPIENTS_MAX, Recipients},
    znode,
};
use dockeeper_model::layout::{RECIPIENTS, SECRETS};
use dockeeper_zk_client::{Client, Multi, Stat, path};

/// The recipients at one moment.
pub(super) struct Census {
    pub(super) recipients: Recipients,
    /// Their parent's metadata, from before they were read; `None` when it is not there.
    stat: Option<Stat>,
}

// === impl Census ===

impl Census {
    pub(super) async fn take(client: &Client) -> Result<Self, Error> {
        // A server that is behind would have a new host left out.
        client.sync(RECIPIENTS).await?;
        let stat = client.exists(RECIPIENTS).await?;
        let names = znode::names(client, RECIPIENTS).await?;
        if names.len() > RECIPIENTS_MAX {
            return Err(Error::TooManyRecipients(names.len()));
        }
        let mut recipients = Recipients::new();
        for name in names {
            let path = path::join(RECIPIENTS, &name);
            let foreign = |why: String| Error::Foreign {
                path: path.clone(),
                why,
            };
            let node = name.parse().map_err(|why| foreign(format!("{why}")))?;
            let Some((content, _)) = znode::get(client, &path).await? else {
                continue;
            };
            let recipient = str::from_utf8(&content)
                .ok()
                .and_then(|text| text.parse().ok());
            let recipient = recipient.ok_or_else(|| foreign("it is no recipient of age".into()))?;
            recipients.insert(node, recipient);
        }
        Ok(Self { recipients, stat })
    }

    /// Has a write refused when the recipients have changed.
    pub(super) fn fence(&self, write: Multi) -> Multi {
        let version = self.stat.as_ref().map(|stat| stat.version);
        Multi::new().check(RECIPIENTS, version).append(write)
    }

    /// Whether the recipients are still these.
    pub(super) async fn is_current(&self, client: &Client) -> Result<bool, Error> {
        let stat = client.exists(RECIPIENTS).await?;
        Ok(self.stamp() == stat.as_ref().map(stamp))
    }

    /// Says that all secrets have been encrypted for these recipients, unless they have changed.
    pub(super) async fn serve(&self, client: &Client) -> Result<(), Error> {
        let Some(stamp) = self.stamp() else {
            return Ok(());
        };
        // When it fails, the next host finds out that there is nothing left to do.
        let write = Multi::new().set(SECRETS, stamp, None);
        znode::commit(client, self.fence(write)).await?;
        Ok(())
    }

    fn stamp(&self) -> Option<String> {
        self.stat.as_ref().map(stamp)
    }
}

/// Whether all secrets have been encrypted for the present recipients, which are not read for that.
pub(super) async fn is_served(client: &Client) -> Result<bool, Error> {
    client.sync(RECIPIENTS).await?;
    let Some(stat) = client.exists(RECIPIENTS).await? else {
        return Ok(false);
    };
    let served = znode::get(client, SECRETS).await?;
    Ok(served.is_some_and(|(content, _)| content == stamp(&stat)))
}

/// What no other census has, also when somebody has deleted and made everything again.
fn stamp(stat: &Stat) -> String {
    stat.mzxid.to_string()
}

/// Has a change of the recipients make a new census.
pub(super) fn changed(write: Multi) -> Multi {
    write.set(RECIPIENTS, "", None)
}

#[cfg(test)]
mod tests {
    use super::{super::Store, *};
    use crate::secrets::{Identity, Secret};
    use dockeeper_keeper::server::{Config, Keeper};
    use dockeeper_model::{config::SecretName, layout};
    use dockeeper_zk_client as zk;
    use std::{future::pending, time::Duration};

    async fn register(store: &Store, node: &str) -> Identity {
        let (node, identity) = (node.parse().unwrap(), Identity::generate());
        let recipient = identity.recipient();
        store.register(&node, &recipient).await.unwrap();
        identity
    }

    #[tokio::test]
    async fn who_comes_late_undoes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            listen: vec!["127.0.0.1:0".parse().unwrap()],
            ..Config::new(folder.path().join("data"))
        };
        let keeper = Keeper::open(config).await.unwrap();
        let address = keeper.handle().addresses()[0].to_string();
        let serving = tokio::spawn(keeper.run(pending()));
        let client = Client::connect(zk::Config::new(address.parse().unwrap()));
        client.connected(Duration::from_secs(20)).await.unwrap();

        let store = Store::new(&client);
        let first = register(&store, "h1").await;
        let name: SecretName = "db".parse().unwrap();
        let secret = Secret::new("hunter2".into()).unwrap();
        store.set(&name, &secret, "ann@ws", 1).await.unwrap();
        let early = Census::take(&client).await.unwrap();
        let second = register(&store, "h2").await;
        assert!(!early.is_current(&client).await.unwrap());
        let write = || Multi::new().set(&layout::secret(&name), "{}", None);
        assert!(!znode::commit(&client, early.fence(write())).await.unwrap());

        // Its word that all is done counts for nothing.
        early.serve(&client).await.unwrap();
        assert!(!is_served(&client).await.unwrap());
        store.seal_all_again(&first).await.unwrap();
        assert!(is_served(&client).await.unwrap());
        let record = store.read(&name).await.unwrap().unwrap();
        let read = crate::secrets::open(&name, &record, &second).unwrap();
        assert_eq!(read.text(), Some("hunter2"));
        // A host that cannot decrypt something leaves it to the others.
        register(&store, "h3").await;
        let stranger = Identity::generate();
        let left = store.seal_all_again(&stranger).await.unwrap();
        assert_eq!(left.failed.len(), 1);
        assert!(!is_served(&client).await.unwrap());
        serving.abort();
    }
}
