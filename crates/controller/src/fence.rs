//! What makes the writes of a leader fail that has been deposed.

use dockeeper_model::layout::CONTROLLER_EPOCH;
use dockeeper_recipes::Held;
use dockeeper_zk_client::{Client, CreateMode, Error, ErrorCode, Multi, MultiResult};

/// A leader's right to write: the version that the epoch's znode had when its term began. The next
/// leader begins with another one, and from then on no write behind this one takes effect, however
/// late it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    version: i32,
}

// === impl Fence ===

impl Fence {
    /// Begins a term: from now on no write of an earlier leader takes effect. `record` says who
    /// leads.
    pub(crate) async fn raise(
        client: &Client,
        held: &Held,
        record: Vec<u8>,
    ) -> Result<Self, Error> {
        let version = loop {
            match client.exists(CONTROLLER_EPOCH).await? {
                Some(stat) => break stat.version,
                None => {
                    let mode = CreateMode::Persistent;
                    client.create_all(CONTROLLER_EPOCH, mode).await?;
                }
            }
        };
        // A leader that was slow to get here must not depose its successor.
        let write = Multi::new().set(CONTROLLER_EPOCH, record, Some(version));
        let results = client.multi(held.guarded(write)).await?;
        let set = results.into_iter().find_map(|result| match result {
            MultiResult::Set(stat) => Some(stat.version),
            _ => None,
        });
        Ok(Self {
            version: set.unwrap_or(version.wrapping_add(1)),
        })
    }

    /// Makes writes conditional on leading still.
    #[must_use]
    pub fn guard(self, writes: Multi) -> Multi {
        let check = Multi::new().check(CONTROLLER_EPOCH, Some(self.version));
        check.append(writes)
    }

    /// The version that [`CONTROLLER_EPOCH`] has to have.
    pub fn version(self) -> i32 {
        self.version
    }

    /// Whether this is why guarded writes failed: somebody else leads.
    pub fn has_fallen(self, error: &Error) -> bool {
        let is_moved = error.is(ErrorCode::BadVersion) || error.is(ErrorCode::NoNode);
        is_moved && error.path() == CONTROLLER_EPOCH
    }
}
