//! What is held for others, each with a session of its own.

mod hold;
mod id;
mod status;

pub(crate) use self::{
    hold::{Hold, Tether},
    id::Id,
    status::{Grant, Status},
};

use crate::{
    caller::{Caller, Owner},
    config::Config,
    contest::Contest,
    problem::{Code, Problem},
    quota::{Full, Quota},
};
use dockeeper_model::{encode, holder};
use futures_util::future;
use hold::Task;
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::watch;

/// How many holds one container may have, or one user of the host, those that wait included.
pub(crate) const HOLDS_EACH_MAX: usize = 8;

/// How many there may be in all. Each is a connection to ZooKeeper, and Apache's servers hang up on
/// the 61st of one address (`maxClientCnxns`), whosever it is: the agent's own and those of the
/// command line need room beside them.
pub(crate) const HOLDS_MAX: usize = 48;

/// What is held: a cheap handle, to be cloned at will.
#[derive(Clone, Debug)]
pub(crate) struct Holds(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    quota: Quota<Owner>,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    holds: HashMap<Id, Arc<Hold>>,
    is_closed: bool,
}

// === impl Holds ===

impl Holds {
    pub(crate) fn new(config: Config) -> Self {
        Self(Arc::new(Inner {
            config,
            quota: Quota::new(HOLDS_EACH_MAX, HOLDS_MAX),
            book: Mutex::default(),
        }))
    }

    /// Begins to contend for someone. It ends when what is returned is dropped.
    pub(crate) fn begin(&self, caller: Caller, contest: Contest) -> Result<Tether, Problem> {
        let Inner { config, quota, .. } = &*self.0;
        let permit = quota.take(caller.owner()).map_err(too_many)?;
        let id = Id::random().map_err(|error| {
            let message = format!("the kernel gives no random numbers for an id: {error}");
            Problem::new(Code::NoId, message)
        })?;
        let since_ms = (config.now_ms)();
        let (told, status) = watch::channel(Status::Waiting);
        let (end, ending) = watch::channel(false);
        let task = Task {
            config: config.zookeeper.clone(),
            contest: contest.clone(),
            data: encode(&self.record(&caller, since_ms)),
            status: told,
            end: ending,
        };
        let hold = Arc::new(Hold {
            id,
            caller,
            contest,
            since_ms,
            clock: config.zookeeper.clock.clone(),
            status,
            end,
        });
        {
            let mut book = self.0.book.lock();
            if book.is_closed {
                return Err(Problem::ending());
            }
            book.holds.insert(id, hold.clone());
        }
        let inner = self.0.clone();
        tokio::spawn(async move {
            task.run().await;
            inner.book.lock().holds.remove(&id);
            drop(permit);
        });
        Ok(Tether::new(hold))
    }

    /// A hold by its id, if it is this one's.
    pub(crate) fn find(&self, id: &str, owner: Owner) -> Result<Arc<Hold>, Problem> {
        let book = self.0.book.lock();
        let hold = Id::parse(id).and_then(|id| book.holds.get(&id));
        let is_its = |hold: &&Arc<Hold>| hold.owner() == owner;
        hold.filter(is_its).cloned().ok_or_else(|| {
            let message = "this container has no such hold: it was released or lost, or the agent \
                           has been started again, or the id is another container's";
            Problem::new(Code::NoSuchHold, message)
        })
    }

    /// All that are there.
    pub(crate) fn all(&self) -> Vec<Arc<Hold>> {
        self.0.book.lock().holds.values().cloned().collect()
    }

    /// Ends all of them, and takes no more. Waits until their sessions are over.
    pub(crate) async fn close(&self) {
        self.0.book.lock().is_closed = true;
        let all = self.all();
        all.iter().for_each(|hold| hold.end());
        future::join_all(all.iter().map(|hold| hold.ended())).await;
    }

    /// What the znode of someone who contends says.
    fn record(&self, caller: &Caller, since_ms: i64) -> holder::Holder {
        let config = &self.0.config;
        holder::Holder {
            version: holder::VERSION,
            host: config.host.clone(),
            node: Some(config.node.to_string()),
            container: caller.run.as_ref().map(|run| holder::Container {
                id: run.id.to_string(),
                name: run.name.clone(),
            }),
            pid: caller.pid,
            command: Vec::new(),
            since_ms,
            held_since_ms: None,
        }
    }
}

fn too_many(full: Full) -> Problem {
    match full {
        Full::Each => {
            let message = format!(
                "this container, or this user of the host, holds or waits for {HOLDS_EACH_MAX} \
                 already: release one first"
            );
            Problem::new(Code::TooManyHolds, message)
        }
        Full::All => {
            let message = format!(
                "{HOLDS_MAX} are held or waited for on this host already, as many as its agent has \
                 connections for: try again later"
            );
            Problem::new(Code::AgentFull, message)
        }
    }
}
