//! Releases in ZooKeeper: how they are made, read, and forgotten.
//!
//! A release never changes. First what it consists of is stored, then one small transaction creates
//! its record, moves the head to it and begins its rollout, all of it if nobody else was first. A
//! small release carries its content in its record and is one write in all; a larger one consists of
//! blobs at addresses of their own, which other releases may share. What no release refers to any
//! more is [collected](Store::collect).

mod apps;
mod backend;
mod base;
mod collect;
mod commit;
mod edit;
mod error;
mod fence;
mod order;
mod preview;
mod publish;
mod read;
mod remove;
mod retire;
mod retry;
mod source;
mod upload;
mod znodes;

pub use self::{
    apps::{State, Summary},
    base::Beginning,
    collect::{COLLECTION_GRACE, Collected},
    edit::{Edit, FileEdit},
    error::Error,
    preview::Preview,
    publish::{Publication, Published},
    remove::Removal,
};

use dockeeper_zk_client::Client;

/// The longest message or author of a release, in bytes: words, not a log.
pub const WORDS_LEN_MAX: usize = 4096;

/// How many requests of one operation are on their way at once, where each may carry a blob: 4 MiB
/// together, enough to fill a connection.
const TRANSFERS_MAX: usize = 8;

/// How many requests of one operation are on their way at once, where each is small.
const REQUESTS_MAX: usize = 64;

/// How often something is begun again, because somebody else was first or it took too long. With the
/// pauses between, about ten seconds of being overtaken by each and everyone.
const ROUNDS_MAX: u32 = 16;

/// The releases of all apps. A cheap handle, to be cloned at will.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    /// The znodes, with their versions, on which its writes depend.
    fences: Vec<(String, i32)>,
}

// === impl Store ===

impl Store {
    /// The releases that a session sees.
    pub fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
            fences: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_zk_client::Config;

    fn assert_send<T: Send>(_: T) {}

    /// Nothing is asked here: only whether it could be, in a task of its own.
    #[tokio::test]
    async fn everything_can_be_done_in_a_task_of_its_own() {
        let client = Client::connect(Config::new("127.0.0.1:1".parse().unwrap()));
        let (store, app) = (Store::new(&client), "web".parse().unwrap());
        let publication = Publication {
            edit: Edit::RollBack(None),
            by: String::new(),
            message: String::new(),
            now_ms: 0,
            expect: None,
        };
        assert_send(store.publish(&app, &publication, |_| unreachable!("nobody asks")));
        assert_send(store.collect());
        assert_send(store.retire(&app));
        assert_send(store.remove(&app, Removal::Careful));
        assert_send(store.history(&app, 1));
        assert_send(store.applied(&app));
        assert_send(store.apps());
        assert_send(async { store.bundle(&store.release(&app, 1).await?).await });
    }
}
