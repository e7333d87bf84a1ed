//! Secrets in ZooKeeper.

mod census;
mod znode;

use super::{Error, Identity, Recipient, Recipients, SECRETS_MAX, Secret, seal, seal_again};
use census::Census;
use dockeeper_model::{
    NodeName,
    config::{SecretName, SecretRecord},
    decode, encode,
    layout::{self, RECIPIENTS, SECRETS},
};
use dockeeper_zk_client::{Client, CreateMode, Multi};
use std::collections::BTreeMap;

/// How often a change is tried that others' changes come in between of.
const ROUNDS_MAX: usize = 10;

/// The secrets of a cluster, and whom they are encrypted for.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
}

/// What became of a host's recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It was there already.
    Before,
    /// It is new: the secrets have to be encrypted for it.
    Now,
    /// It took the place of another one: the host has lost its identity, or two hosts have one name.
    InPlaceOfAnother,
}

/// What became of the secrets that were to be encrypted for changed recipients.
#[derive(Debug, Default)]
pub struct SealedAgain {
    /// Those that were encrypted anew.
    pub changed: Vec<SecretName>,
    /// Those that were not, and why: another host may be able to.
    pub failed: BTreeMap<SecretName, Error>,
}

/// What became of one secret.
enum Sealing {
    /// It was encrypted anew.
    Done,
    /// It is gone, or encrypted for just these.
    Needless,
    /// The recipients have changed: whoever has seen that goes on.
    Overtaken,
}

// === impl Store ===

impl Store {
    /// The secrets that a client reaches.
    pub fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
        }
    }

    /// Publishes whom to encrypt for so that a host can read.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`], [`Error::Contended`].
    pub async fn register(
        &self,
        node: &NodeName,
        recipient: &Recipient,
    ) -> Result<Registered, Error> {
        let path = layout::recipient(node);
        let text = recipient.to_string();
        for _ in 0..ROUNDS_MAX {
            let before = znode::get(&self.client, &path).await?;
            let (write, registered) = match before {
                Some((content, _)) if content == text.as_bytes() => return Ok(Registered::Before),
                Some((_, version)) => {
                    let write = Multi::new().set(&path, text.clone(), Some(version));
                    (write, Registered::InPlaceOfAnother)
                }
                None => {
                    let mode = CreateMode::Persistent;
                    self.client.create_all(RECIPIENTS, mode).await?;
                    let write = Multi::new().create(&path, text.clone(), mode);
                    (write, Registered::Now)
                }
            };
            if znode::commit(&self.client, census::changed(write)).await? {
                return Ok(registered);
            }
        }
        Err(contended(path))
    }

    /// Takes a host out: nothing is encrypted for it any more, but what it has read it knows.
    /// Whether it was there.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`].
    pub async fn unregister(&self, node: &NodeName) -> Result<bool, Error> {
        let delete = Multi::new().delete(&layout::recipient(node), None);
        Ok(znode::commit(&self.client, census::changed(delete)).await?)
    }

    /// Whom to encrypt for.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`], [`Error::Foreign`], [`Error::TooManyRecipients`].
    pub async fn recipients(&self) -> Result<Recipients, Error> {
        let census = Census::take(&self.client).await?;
        Ok(census.recipients)
    }

    /// Sets a secret, encrypted for all recipients. `by` is who does so, `now_ms` when, in
    /// milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn set(
        &self,
        name: &SecretName,
        secret: &Secret,
        by: &str,
        now_ms: i64,
    ) -> Result<SecretRecord, Error> {
        let path = layout::secret(name);
        for _ in 0..ROUNDS_MAX {
            let census = Census::take(&self.client).await?;
            let before = znode::get(&self.client, &path).await?;
            let version = match &before {
                // What cannot be read is overwritten: it is of no use to anybody.
                Some((content, _)) => {
                    decode(content).map_or(0, |record: SecretRecord| record.version)
                }
                None if znode::names(&self.client, SECRETS).await?.len() >= SECRETS_MAX => {
                    return Err(Error::TooMany);
                }
                None => 0,
            };
            let record = seal(name, version + 1, secret, &census.recipients, by, now_ms)?;
            let write = match before {
                Some((_, version)) => Multi::new().set(&path, encode(&record), Some(version)),
                None => {
                    let mode = CreateMode::Persistent;
                    self.client.create_all(SECRETS, mode).await?;
                    Multi::new().create(&path, encode(&record), mode)
                }
            };
            if znode::commit(&self.client, census.fence(write)).await? {
                return Ok(record);
            }
        }
        Err(contended(path))
    }

    /// A secret, as it is stored; `None` when there is none of this name.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`], [`Error::Foreign`].
    pub async fn read(&self, name: &SecretName) -> Result<Option<SecretRecord>, Error> {
        let found = self.read_versioned(name).await?;
        Ok(found.map(|(record, _)| record))
    }

    /// All secrets, as they are stored. What lies there and is none is left out.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`].
    pub async fn list(&self) -> Result<BTreeMap<SecretName, SecretRecord>, Error> {
        let mut secrets = BTreeMap::new();
        for name in znode::names(&self.client, SECRETS).await? {
            let Ok(name) = name.parse() else { continue };
            match self.read(&name).await {
                Ok(Some(record)) => drop(secrets.insert(name, record)),
                Ok(None) | Err(Error::Foreign { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(secrets)
    }

    /// Removes a secret. Whether it was there.
    ///
    /// # Errors
    ///
    /// [`Error::ZooKeeper`].
    pub async fn remove(&self, name: &SecretName) -> Result<bool, Error> {
        Ok(znode::delete(&self.client, &layout::secret(name)).await?)
    }

    /// Encrypts all secrets anew that are not encrypted for just the present recipients. To be
    /// called by a host that can decrypt them when recipients have changed; when several do so at
    /// the same time, one of them is first. It ends early when recipients change again meanwhile, and
    /// is then to be called again. Once a host has done it for all secrets, it costs the others three
    /// requests.
    ///
    /// # Errors
    ///
    /// Those of ZooKeeper. What is wrong with a single secret is in [`SealedAgain::failed`].
    pub async fn seal_all_again(&self, identity: &Identity) -> Result<SealedAgain, Error> {
        let mut done = SealedAgain::default();
        if census::is_served(&self.client).await? {
            return Ok(done);
        }
        let census = Census::take(&self.client).await?;
        for name in znode::names(&self.client, SECRETS).await? {
            let Ok(name) = name.parse::<SecretName>() else {
                continue;
            };
            match self.seal_again(&name, identity, &census).await {
                Ok(Sealing::Done) => done.changed.push(name),
                Ok(Sealing::Needless) => {}
                Ok(Sealing::Overtaken) => return Ok(done),
                Err(Error::ZooKeeper(error)) => return Err(error.into()),
                Err(error) => drop(done.failed.insert(name, error)),
            }
        }
        if done.failed.is_empty() {
            census.serve(&self.client).await?;
        }
        Ok(done)
    }

    async fn seal_again(
        &self,
        name: &SecretName,
        identity: &Identity,
        census: &Census,
    ) -> Result<Sealing, Error> {
        let path = layout::secret(name);
        for _ in 0..ROUNDS_MAX {
            let Some((record, version)) = self.read_versioned(name).await? else {
                return Ok(Sealing::Needless);
            };
            let Some(again) = seal_again(name, &record, identity, &census.recipients)? else {
                return Ok(Sealing::Needless);
            };
            // Of a secret that was set meanwhile, nothing is lost.
            let write = Multi::new().set(&path, encode(&again), Some(version));
            if znode::commit(&self.client, census.fence(write)).await? {
                return Ok(Sealing::Done);
            }
            if !census.is_current(&self.client).await? {
                return Ok(Sealing::Overtaken);
            }
        }
        Err(contended(path))
    }

    async fn read_versioned(
        &self,
        name: &SecretName,
    ) -> Result<Option<(SecretRecord, i32)>, Error> {
        let path = layout::secret(name);
        let Some((content, version)) = znode::get(&self.client, &path).await? else {
            return Ok(None);
        };
        match decode(&content) {
            Ok(record) => Ok(Some((record, version))),
            Err(why) => Err(Error::Foreign {
                path,
                why: why.to_string(),
            }),
        }
    }
}

fn contended(path: String) -> Error {
    let rounds = ROUNDS_MAX;
    Error::Contended { path, rounds }
}
