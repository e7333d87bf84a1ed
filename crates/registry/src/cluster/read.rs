//! Reads subtrees of known depth with many requests on their way.

use super::{Error, Scope, Skipped, Snapshot};
use bytes::Bytes;
use dockeeper_recipes::tree::NODES_MAX;
use dockeeper_zk_client::{Client, Error as Failure, ErrorCode, path};
use std::{collections::VecDeque, time::Duration};
use tokio::{task::JoinSet, time};

/// How many reads are on their way at once. Enough to fill a connection; a small part of what
/// Apache ZooKeeper takes from all its clients together.
const READS_MAX: usize = 256;

/// How often a read is tried that the server refuses because it is busy.
const TRIES_MAX: usize = 5;

/// How long a refused read waits.
const BUSY_PAUSE: Duration = Duration::from_millis(200);

/// A read to be made.
enum Read {
    /// The names below a znode whose records lie so many levels deeper.
    Names {
        path: String,
        depth: usize,
        is_root: bool,
    },
    Content(String),
}

enum Found {
    Names(Vec<String>),
    Content(Bytes),
}

pub(super) struct Reading<'a> {
    client: &'a Client,
    waiting: VecDeque<Read>,
    under_way: JoinSet<(Read, Result<Found, Failure>)>,
    snapshot: Snapshot,
}

// === impl Reading ===

impl<'a> Reading<'a> {
    pub(super) fn new(client: &'a Client, scopes: &[Scope]) -> Self {
        let roots = scopes.iter().map(|scope| Read::Names {
            path: scope.root(),
            depth: scope.depth(),
            is_root: true,
        });
        Self {
            client,
            waiting: roots.collect(),
            under_way: JoinSet::new(),
            snapshot: Snapshot::default(),
        }
    }

    pub(super) async fn run(mut self) -> Result<Snapshot, Error> {
        loop {
            while self.under_way.len() < READS_MAX
                && let Some(read) = self.waiting.pop_front()
            {
                self.under_way.spawn(carry_out(self.client.clone(), read));
            }
            let Some(done) = self.under_way.join_next().await else {
                return Ok(self.snapshot);
            };
            let (read, found) = done.expect("a read neither panics nor is aborted");
            self.take(read, found)?;
        }
    }

    fn take(&mut self, read: Read, found: Result<Found, Failure>) -> Result<(), Error> {
        match (read, found) {
            (Read::Names { path, depth, .. }, Ok(Found::Names(names))) => {
                let held = self.snapshot.znodes.len() + self.waiting.len();
                if held + names.len() > NODES_MAX {
                    let max = NODES_MAX;
                    return Err(Error::TooLarge { root: path, max });
                }
                self.descend(&path, depth, &names);
                self.snapshot.znodes.insert(path, Bytes::new());
            }
            (Read::Content(path), Ok(Found::Content(content))) => {
                self.snapshot.znodes.insert(path, content);
            }
            // Gone since its name was read, or never there.
            (_, Err(failure)) if failure.is(ErrorCode::NoNode) => {}
            // A part of the tree that is none of ours, or not for us.
            (Read::Names { is_root: false, .. } | Read::Content(_), Err(failure))
                if failure.is(ErrorCode::NoAuth) =>
            {
                let path = failure.path().to_owned();
                self.snapshot.hidden.push(Skipped::hidden(path));
            }
            (_, Err(failure)) => return Err(failure.into()),
            (Read::Names { .. }, Ok(Found::Content(_)))
            | (Read::Content(_), Ok(Found::Names(_))) => {
                unreachable!("a read finds what it reads")
            }
        }
        Ok(())
    }

    fn descend(&mut self, parent: &str, depth: usize, names: &[String]) {
        for name in names {
            let path = path::join(parent, name);
            self.waiting.push_back(match depth {
                0 | 1 => Read::Content(path),
                _ => Read::Names {
                    path,
                    depth: depth - 1,
                    is_root: false,
                },
            });
        }
    }
}

async fn carry_out(client: Client, read: Read) -> (Read, Result<Found, Failure>) {
    let mut tries = 1;
    loop {
        let found = match &read {
            Read::Names { path, .. } => {
                let listed = client.list(path).await;
                listed.map(|(names, _)| Found::Names(names))
            }
            Read::Content(path) => {
                let got = client.get(path).await;
                got.map(|(content, _)| Found::Content(content))
            }
        };
        match found {
            Err(failure) if failure.is_transient() && tries < TRIES_MAX => {
                tries += 1;
                time::sleep(BUSY_PAUSE).await;
            }
            found => return (read, found),
        }
    }
}
