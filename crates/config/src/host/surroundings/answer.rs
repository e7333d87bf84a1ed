use super::question::Question;
use crate::{
    secrets::{self, Identity, Secret},
    template::Leader,
};
use dockeeper_model::{
    Instance,
    config::{Key, SecretName, SecretRecord},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was read. It is kept on disk as it is serialized.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Answer {
    App(Option<BTreeMap<Key, String>>),
    Service(Vec<Instance>),
    Leader(Option<Leader>),
    Secret(Option<Sealed>),
}

/// A secret, and what this host has decrypted it to. On disk it is only encrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Sealed {
    record: SecretRecord,
    /// Why this host cannot decrypt it, else.
    #[serde(skip, default = "unopened")]
    opened: Result<Secret, String>,
}

// === impl Answer ===

impl Answer {
    /// Decrypts what was kept on disk. Takes up to a tenth of a second where there are many hosts.
    pub(super) fn open(self, question: &Question, identity: &Identity) -> Self {
        match (self, question) {
            (Self::Secret(Some(sealed)), Question::Secret(name)) => {
                Self::Secret(Some(Sealed::open(sealed.record, name, identity)))
            }
            (answer, _) => answer,
        }
    }

    /// Whether it is one to this question.
    pub(super) fn answers(&self, question: &Question) -> bool {
        matches!(
            (self, question),
            (Self::App(_), Question::App(_))
                | (Self::Service(_), Question::Service(_))
                | (Self::Leader(_), Question::Leader(_))
                | (Self::Secret(_), Question::Secret(_))
        )
    }
}

// === impl Sealed ===

impl Sealed {
    /// Decrypts a secret. Takes up to a tenth of a second where there are many hosts.
    pub(super) fn open(record: SecretRecord, name: &SecretName, identity: &Identity) -> Self {
        let opened = secrets::open(name, &record, identity).map_err(|error| error.to_string());
        Self { record, opened }
    }

    /// The secret, or why this host cannot decrypt it.
    pub(super) fn secret(&self) -> Result<&Secret, &str> {
        self.opened.as_ref().map_err(String::as_str)
    }
}

/// Encrypted for others it is the same secret: nothing is to be rendered again.
impl PartialEq for Sealed {
    fn eq(&self, other: &Self) -> bool {
        self.opened == other.opened
    }
}

impl Eq for Sealed {}

fn unopened() -> Result<Secret, String> {
    Err("it has not been decrypted yet".to_owned())
}
