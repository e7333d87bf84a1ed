//! What templates may ask of the world, followed while somebody asks.
//!
//! A [`Following`] is what the templates of one container asked for. Those of several containers
//! share one watch for each question, which ends with the last of them.
//!
//! An answer is one that was read: at any time since somebody asks, or, while ZooKeeper cannot be
//! reached, by an earlier process or for an earlier container of this host. There is no other, so
//! that the loss of ZooKeeper never makes an empty list.

mod answer;
mod apps;
mod cache;
mod debounce;
mod following;
mod link;
mod question;
mod secrets;
mod snapshot;
mod sources;
mod topic;
mod watches;

pub use self::{
    debounce::{WAIT_MAX, WAIT_MIN},
    following::Following,
    link::AWAY_AFTER,
    sources::{Apps, Cluster, Teller},
    watches::QUESTIONS_MAX,
};

use crate::{
    secrets::Identity,
    template::{Asked, Node},
};
use cache::Cache;
use dockeeper_zk_client::Client;
use link::Link;
use question::Question;
use sources::Sources;
use std::{path::PathBuf, sync::Arc};
use tokio::sync::watch;
use watches::Watches;

/// What surroundings are made of.
pub struct Config {
    /// Services and elections.
    pub cluster: Arc<dyn Cluster>,
    /// Other apps' values.
    pub apps: Arc<dyn Apps>,
    /// What decrypts secrets.
    pub identity: Identity,
    /// This host; `None` as long as its engine has not said what it is.
    pub node: watch::Receiver<Option<Node>>,
    /// Where answers are kept for a start without ZooKeeper.
    pub cache: PathBuf,
}

/// What templates may ask of the world. Cheap to clone.
#[derive(Clone)]
pub struct Surroundings {
    session: watch::Sender<Option<Client>>,
    watches: Arc<Watches>,
    node: watch::Receiver<Option<Node>>,
    digest_key: [u8; 32],
}

// === impl Surroundings ===

impl Surroundings {
    /// Without a session yet. Starts a task that watches for one, which ends when nobody has or
    /// follows these any more.
    pub fn new(config: Config) -> Self {
        let session = watch::Sender::new(None);
        let link = watch::Sender::new(Link::Seeking);
        tokio::spawn(link::watch(session.subscribe(), link.clone()));
        let digest_key = config.identity.digest_key();
        let sources = Sources {
            cluster: config.cluster,
            apps: config.apps,
            identity: config.identity,
            session: session.subscribe(),
            link: link.subscribe(),
            cache: Cache::new(config.cache),
        };
        Self {
            session,
            watches: Arc::new(Watches::new(sources)),
            node: config.node,
            digest_key,
        }
    }

    /// The session to ask with; `None` when it is over.
    pub fn set_session(&self, client: Option<Client>) {
        self.session.send_replace(client);
    }

    /// Begins to follow what was asked for. What another [`Following`] has read is known at once, as
    /// long as that one lives. Take [`facts`](Following::facts) afterwards: changes count from here.
    pub fn follow(&self, asked: &Asked) -> Following {
        let questions = Question::all_of(asked);
        let watched = questions.map(|question| self.watches.watch(question));
        let node = self.node.clone();
        Following::new(watched, node, asked.node, self.digest_key)
    }
}
