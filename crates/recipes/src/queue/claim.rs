//! One taker's claim to an element.

use super::{Error, Queue, layout::Candidate};
use crate::{
    background::Background,
    patience::{self, repeat},
    pause::Pauses,
    uuid::Uuid,
};
use bytes::Bytes;
use dockeeper_zk_client::{CreateMode, Error as ZooKeeper, ErrorCode, Multi, path};

/// An element that nobody else takes while this session lasts.
///
/// Dropped, it is given back in the background.
#[derive(Debug)]
#[must_use = "dropped, the element is given back"]
pub struct Claim {
    queue: Queue,
    name: String,
    /// The data of the claim's znode, which tells it from others' of the same name.
    id: String,
    data: Bytes,
    is_over: bool,
    background: Background,
}

/// What became of the attempt to create a claim's znode.
enum Staked {
    /// The element is this claim's.
    Ours,
    /// It is another's, or done.
    Others,
    /// The queue's own znodes are missing.
    NoPlaces,
}

// === impl Claim ===

impl Claim {
    /// Claims an element, unless somebody else was quicker.
    pub(super) async fn stake(queue: &Queue, candidate: Candidate) -> Result<Option<Self>, Error> {
        let Candidate { name, is_waiting } = candidate;
        let client = &queue.client;
        let places = &queue.places;
        let element = path::join(&places.elements, &name);
        // Made before the request, which may take effect when it is dropped.
        let mut claim = Self {
            queue: queue.clone(),
            id: Uuid::random().hyphenated(),
            data: Bytes::new(),
            is_over: false,
            background: Background::current(),
            name,
        };
        let own = claim.path();
        let multi = Multi::new().create(&own, claim.id.clone(), CreateMode::Ephemeral);
        let multi = match &places.waiting {
            Some(waiting) if is_waiting => {
                let from = path::join(waiting, &claim.name);
                let Some((data, stat)) = missing_is_none(repeat(|| client.get(&from)).await)?
                else {
                    claim.is_over = true;
                    return Ok(None);
                };
                let mode = CreateMode::Persistent;
                let multi = multi.create(&element, data, mode);
                multi.delete(&from, Some(stat.version))
            }
            _ => multi.check(&element, None),
        };
        match claim.create(&multi, is_waiting).await? {
            Staked::Ours => {}
            Staked::Others => {
                claim.is_over = true;
                return Ok(None);
            }
            Staked::NoPlaces => {
                claim.is_over = true;
                queue.make_places().await?;
                return Ok(None);
            }
        }
        // Without its element, the claim is given up.
        let found = missing_is_none(repeat(|| client.get(&element)).await)?;
        Ok(found.map(|(data, _)| {
            claim.data = data;
            claim
        }))
    }

    async fn create(&self, multi: &Multi, is_waiting: bool) -> Result<Staked, ZooKeeper> {
        let mut pauses = Pauses::default();
        let mut is_in_doubt = false;
        loop {
            let Err(error) = self.queue.client.multi(multi.clone()).await else {
                return Ok(Staked::Ours);
            };
            match error.code() {
                Some(ErrorCode::NodeExists) if is_in_doubt && self.is_staked().await? => {
                    return Ok(Staked::Ours);
                }
                Some(ErrorCode::NodeExists | ErrorCode::BadVersion) => return Ok(Staked::Others),
                Some(ErrorCode::NoNode) => {
                    // A znode that is to be created lacks its parent; any other has been taken.
                    let lacks_claims = error.path() == self.path();
                    let lacks_elements = is_waiting && error.path() == self.element();
                    return Ok(if lacks_claims || lacks_elements {
                        Staked::NoPlaces
                    } else {
                        Staked::Others
                    });
                }
                _ if patience::passes(&error) => {
                    is_in_doubt |= patience::is_unsettled(&error);
                    patience::pause(&mut pauses).await;
                }
                _ => return Err(error),
            }
        }
    }

    /// The element.
    pub fn data(&self) -> &Bytes {
        &self.data
    }

    /// The element's name, which tells it from the others of its queue.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Removes the element: it is done.
    ///
    /// # Errors
    ///
    /// See [`Error`]. When the session is over, the element may have been removed, or be delivered
    /// again.
    pub async fn finish(mut self) -> Result<(), Error> {
        let (own, element) = (self.path(), self.element());
        let write = |multi: Multi| multi.delete(&own, None).delete(&element, None);
        let written = self.queue.write_once(write).await;
        self.over(written)
    }

    /// Gives the element back, to be taken by anybody.
    ///
    /// # Errors
    ///
    /// See [`Error`]. When the session is over, it is back.
    pub async fn give_back(mut self) -> Result<(), Error> {
        let (queue, name) = (self.queue.clone(), self.name.clone());
        let written = release(&queue, &name).await;
        self.over(written)
    }

    fn over(&mut self, written: Result<(), ZooKeeper>) -> Result<(), Error> {
        match written {
            Ok(()) => {
                self.is_over = true;
                Ok(())
            }
            Err(error) if error.is(ErrorCode::NoNode) => {
                self.is_over = true;
                Err(Error::Lost(self.element()))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn is_staked(&self) -> Result<bool, ZooKeeper> {
        is_staked(&self.queue, &self.name, &self.id).await
    }

    fn path(&self) -> String {
        path::join(&self.queue.places.taken, &self.name)
    }

    fn element(&self) -> String {
        path::join(&self.queue.places.elements, &self.name)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let (queue, name, id) = (self.queue.clone(), self.name.clone(), self.id.clone());
        let work = async move {
            if is_staked(&queue, &name, &id).await? {
                release(&queue, &name).await?;
            }
            Ok(())
        };
        let element = self.element();
        self.background.run("give back", &element, work);
    }
}

/// Whether the claim to an element is the one of this id.
async fn is_staked(queue: &Queue, name: &str, id: &str) -> Result<bool, ZooKeeper> {
    let claim = path::join(&queue.places.taken, name);
    // Behind a lost connection, the next server may not know of the last one's writes yet.
    repeat(|| queue.client.sync(&claim)).await?;
    let found = missing_is_none(repeat(|| queue.client.get(&claim)).await)?;
    Ok(found.is_some_and(|(data, _)| data == id))
}

/// Ends this session's claim to an element, and moves it to where it waited.
async fn release(queue: &Queue, name: &str) -> Result<(), ZooKeeper> {
    let claim = path::join(&queue.places.taken, name);
    let give_up = |multi: Multi| multi.delete(&claim, None);
    let Some(waiting) = &queue.places.waiting else {
        return queue.write_once(give_up).await;
    };
    let element = path::join(&queue.places.elements, name);
    let found = missing_is_none(repeat(|| queue.client.get(&element)).await)?;
    let Some((data, _)) = found else {
        return queue.write_once(give_up).await;
    };
    let back = path::join(waiting, name);
    let write = |multi: Multi| {
        let multi = give_up(multi).delete(&element, None);
        multi.create(&back, data.clone(), CreateMode::Persistent)
    };
    match queue.write_once(write).await {
        // The name was given again meanwhile: what is not claimed is taken from here too.
        Err(error) if error.is(ErrorCode::NodeExists) => queue.write_once(give_up).await,
        written => written,
    }
}

fn missing_is_none<T>(found: Result<T, ZooKeeper>) -> Result<Option<T>, ZooKeeper> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is(ErrorCode::NoNode) => Ok(None),
        Err(error) => Err(error),
    }
}
