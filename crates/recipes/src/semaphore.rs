//! A semaphore: at most so many holders at a time.

mod curator;
mod kazoo;
mod survey;

use crate::{Error, Held, Naming, Options, contenders};
use dockeeper_zk_client::Client;
use std::num::NonZeroU32;

pub use self::{
    curator::{LEASES, LOCKS},
    kazoo::GUARD,
    survey::survey,
};

/// Waits for one of `permits`, in the order in which contenders came, without a limit of its own.
/// May be cancelled at any time.
///
/// With Curator's names it is an `InterProcessSemaphoreV2`: each contender goes by the number of
/// permits that it was given itself. With kazoo's it is a `Semaphore`: the znode says how many
/// permits there are, and whoever was given another number is refused.
///
/// ```no_run
/// # use dockeeper_recipes::{Options, semaphore};
/// # use dockeeper_zk_client::Client;
/// # use std::num::NonZeroU32;
/// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
/// const CRAWLERS_MAX: NonZeroU32 = NonZeroU32::new(3).unwrap();
/// let options = Options::default();
/// let held = semaphore::acquire(client, "/semaphores/crawl", CRAWLERS_MAX, &options).await?;
/// // Crawl, and look whether the permit is lost meanwhile: `held.lost()`.
/// held.release().await?;
/// # Ok(())
/// # }
/// ```
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

/// Fails when the semaphore's znode has children that are not `naming`'s: each family sees only its
/// own, and there would be more holders than permits.
async fn check(client: &Client, path: &str, naming: Naming) -> Result<(), Error> {
    let children = contenders::children(client, path).await?;
    check_children(&children, path, naming)
}

fn check_children(children: &[String], path: &str, naming: Naming) -> Result<(), Error> {
    let is_own = match naming {
        Naming::Curator => curator::is_own,
        Naming::Kazoo => Naming::is_lease,
    };
    match children.iter().find(|name| !is_own(name)) {
        None => Ok(()),
        Some(name) => Err(Error::Foreign {
            path: path.to_owned(),
            name: name.clone(),
            naming,
        }),
    }
}
