//! A semaphore: at most so many holders at a time.

mod curator;
mod kazoo;

use crate::{Error, Held, Naming, Options};
use dockeeper_zk_client::Client;
use std::num::NonZeroU32;

pub use self::{
    curator::{LEASES, LOCKS},
    kazoo::GUARD,
};

/// Waits for one of `permits`, in the order in which contenders came, without a limit of its own.
/// May be cancelled at any time.
///
/// With Curator's names it is an `InterProcessSemaphoreV2`: each contender goes by the number of
/// permits that it was given itself. With kazoo's it is a `Semaphore`: the znode says how many
/// permits there are, and whoever was given another number is refused.
///
/// # Errors
///
/// See [`Error`].
pub async fn acquire(
    client: &Client,
    path: &str,
    permits: NonZeroU32,
    options: &Options,
) -> Result<Held, Error> {
    match options.naming {
        Naming::Curator => curator::acquire(client, path, permits.get(), options).await,
        Naming::Kazoo => kazoo::acquire(client, path, permits.get(), options).await,
    }
}
