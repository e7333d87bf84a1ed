//! What is kept of an app, but for the content.

use crate::blob::hash;
use dockeeper_model::{
    config::{Digest, Rollout},
    decode, encode,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest index: a rollout, which fits into a znode, and a few addresses.
pub(super) const LEN_MAX: u64 = 2 << 20;

/// What is kept of an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::host) struct Index {
    /// Of which app of this name.
    pub(in crate::host) incarnation: Incarnation,
    /// As it stood last.
    pub(in crate::host) rollout: Rollout,
    /// The addresses of the releases' manifests.
    pub(in crate::host) releases: BTreeMap<u64, Digest>,
}

/// What tells an app from one of the same name that was removed before, and whose releases had the
/// same numbers: when its first rollout was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::host) struct Incarnation {
    pub(in crate::host) czxid: i64,
    /// In milliseconds since 1970, by the server's clock: of two ensembles, both may count the same.
    pub(in crate::host) ctime_ms: i64,
}

// === impl Index ===

impl Index {
    /// Behind the hash of the rest.
    pub(super) fn encode(&self) -> Vec<u8> {
        let record = encode(self);
        let mut bytes = hash(&record).as_bytes().to_vec();
        bytes.extend(record);
        bytes
    }

    /// `None` for anything that was not written like this.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() as u64 > LEN_MAX {
            return None;
        }
        let (address, record) = bytes.split_at_checked(Digest::LEN)?;
        if hash(record).as_bytes() != address {
            return None;
        }
        decode(record).ok()
    }
}
