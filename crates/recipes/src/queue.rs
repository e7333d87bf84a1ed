//! A queue whose elements are claimed, and removed when they are done.

mod claim;
mod layout;

pub use self::{
    claim::Claim,
    layout::{Layout, PRIORITY_DEFAULT, PRIORITY_MAX},
};

use crate::{create::ensure, once::exactly_once, patience::repeat};
use bytes::Bytes;
use dockeeper_zk_client::{
    AddWatchMode, Client, CreateMode, Error as ZooKeeper, ErrorCode, Multi, path,
};
use layout::{Candidate, Places};

/// How often the queue's znodes are made that are gone again, as empty containers may be.
const ROUNDS_MAX: usize = 4;

/// A queue: elements are put at its end and taken from its beginning, by anybody.
///
/// **What is promised.** An element that was put is in the queue once. It is claimed by one taker at
/// a time, and stays in ZooKeeper until that one [finishes](Claim::finish) it, which only one claim
/// can. A claim ends with its taker's session: then the element is claimed again. So each is
/// *delivered at least once*, and more often only when a taker's session ends before it has
/// finished; it is *finished exactly once*.
///
/// **With others.** Elements lie where Curator's or kazoo's programs put and take them, as the
/// [`Layout`] says, and these may do both at the same time: none is delivered to one of ours and to
/// one of theirs, but for a claim that has ended. What they take they remove first, and lose when
/// they die with it, kazoo's `LockingQueue` excepted.
///
/// The order is that of the names, and so of the putting, by priority where there is one. An element
/// whose claim has ended comes first.
///
/// Everything is safe to cancel, survives lost connections and has no limit of its own.
///
/// ```no_run
/// # use dockeeper_recipes::{Queue, queue::{Error, Layout}};
/// # use dockeeper_zk_client::Client;
/// # async fn example(client: &Client) -> Result<(), Error> {
/// let queue = Queue::new(client, "/queues/mail", Layout::Curator);
/// queue.put("to: somebody").await?;
/// // Elsewhere:
/// let claim = queue.take().await?;
/// println!("sending {:?}", claim.data());
/// claim.finish().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    layout: Layout,
    places: Places,
}

/// Why a queue could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Something else lies among the elements.
    #[error(
        "{path} is not a queue {layout}: its child {name:?} is no element; choose another layout \
         or path, or delete the child"
    )]
    Foreign {
        /// Where the elements lie.
        path: String,
        /// How they were expected to be named.
        layout: Layout,
        /// The child.
        name: String,
    },
    /// The layout has no such priority.
    #[error(
        "an element cannot have priority {priority} in a queue {layout}: kazoo's have 0 to \
         {PRIORITY_MAX}, Curator's none"
    )]
    Priority {
        /// The priority.
        priority: u16,
        /// The layout.
        layout: Layout,
    },
    /// Somebody took the element away from its claim.
    #[error("the claim to {0} is lost: somebody deleted it, and the element may be taken again")]
    Lost(String),
    /// ZooKeeper refused, or the session is over.
    #[error("the queue cannot be used: {0}")]
    ZooKeeper(#[from] ZooKeeper),
}

// === impl Queue ===

impl Queue {
    /// The queue at a path.
    pub fn new(client: &Client, path: &str, layout: Layout) -> Self {
        Self {
            client: client.clone(),
            layout,
            places: Places::new(path, layout),
        }
    }

    /// Puts an element at the end. It is there exactly once when this returns; only when the
    /// session is over does nobody know.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn put(&self, data: impl Into<Bytes>) -> Result<(), Error> {
        let data = data.into();
        self.put_named(&self.layout.beginning(PRIORITY_DEFAULT), &data)
            .await
    }

    /// Puts an element behind those of the same priority: lower ones come first. kazoo's layouts
    /// only.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn put_with_priority(
        &self,
        data: impl Into<Bytes>,
        priority: u16,
    ) -> Result<(), Error> {
        if self.layout == Layout::Curator || priority > PRIORITY_MAX {
            let layout = self.layout;
            return Err(Error::Priority { priority, layout });
        }
        let data = data.into();
        self.put_named(&self.layout.beginning(priority), &data)
            .await
    }

    async fn put_named(&self, beginning: &str, data: &Bytes) -> Result<(), Error> {
        let element = path::join(self.places.incoming(), beginning);
        let mode = CreateMode::PersistentSequential;
        let write = |multi: Multi| multi.create(&element, data.clone(), mode);
        Ok(self.write_once(write).await?)
    }

    /// Claims the first element that nobody has claimed; waits until there is one.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn take(&self) -> Result<Claim, Error> {
        if let Some(claim) = self.try_take().await? {
            return Ok(claim);
        }
        let watch = |path| repeat(move || self.client.watch(path, AddWatchMode::Persistent));
        let mut incoming = watch(self.places.incoming()).await?;
        let mut taken = watch(&self.places.taken).await?;
        loop {
            if let Some(claim) = self.try_take().await? {
                return Ok(claim);
            }
            // When the session has ended instead, the next request says so.
            tokio::select! {
                _ = incoming.next() => {}
                _ = taken.next() => {}
            }
        }
    }

    /// Claims the first element that nobody has claimed, if there is one.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn try_take(&self) -> Result<Option<Claim>, Error> {
        loop {
            let candidates = self.candidates().await?;
            if candidates.is_empty() {
                return Ok(None);
            }
            for candidate in candidates {
                if let Some(claim) = Claim::stake(self, candidate).await? {
                    return Ok(Some(claim));
                }
            }
        }
    }

    /// What can be claimed, in order.
    async fn candidates(&self) -> Result<Vec<Candidate>, Error> {
        let (taken, claimed) = tokio::try_join!(
            self.names(&self.places.taken),
            self.names(&self.places.elements),
        )?;
        self.refuse_foreign(&self.places.elements, &claimed)?;
        let waiting = match &self.places.waiting {
            Some(path) => {
                let waiting = self.names(path).await?;
                self.refuse_foreign(path, &waiting)?;
                waiting
            }
            None => Vec::new(),
        };
        Ok(layout::candidates(&taken, claimed, waiting))
    }

    fn refuse_foreign(&self, path: &str, names: &[String]) -> Result<(), Error> {
        match names.iter().find(|name| !self.layout.is_element(name)) {
            None => Ok(()),
            Some(name) => Err(Error::Foreign {
                path: path.to_owned(),
                layout: self.layout,
                name: name.clone(),
            }),
        }
    }

    /// The names below one of the queue's znodes; none where it is missing.
    async fn names(&self, path: &str) -> Result<Vec<String>, ZooKeeper> {
        match repeat(|| self.client.list(path)).await {
            Ok((names, _)) => Ok(names),
            Err(error) if error.is(ErrorCode::NoNode) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Carries out writes exactly once, and makes the queue's own znodes where they are missing.
    async fn write_once(&self, writes: impl Fn(Multi) -> Multi) -> Result<(), ZooKeeper> {
        for _ in 1..ROUNDS_MAX {
            match exactly_once(&self.client, &self.places.receipts, &writes).await {
                Err(error) if error.is(ErrorCode::NoNode) && self.places.lack(error.path()) => {
                    self.make_places().await?;
                }
                written => return written,
            }
        }
        exactly_once(&self.client, &self.places.receipts, &writes).await
    }

    async fn make_places(&self) -> Result<(), ZooKeeper> {
        let mode = self.layout.places_mode();
        for place in self.places.all() {
            ensure(&self.client, place, mode).await?;
        }
        Ok(())
    }
}
