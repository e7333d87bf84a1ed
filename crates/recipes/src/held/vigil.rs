use crate::patience;
use dockeeper_zk_client::{BootInstant, Client, Ended, Lease, OneShot, State, clock::sleep_until};
use std::{fmt, future};
use tokio::sync::watch;

/// How sure a holder can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Connected. Nobody else can have it before `until`, which moves on.
    Sure {
        /// On the clock of the client.
        until: BootInstant,
    },
    /// The connection is lost. Nobody else can have it before `until`, and it goes on if there is a
    /// new connection by then.
    Suspended {
        /// On the clock of the client.
        until: BootInstant,
    },
    /// Over, for good: somebody else may have it.
    Lost(Lost),
}

/// Why somebody holds something no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The session is over.
    SessionOver(Ended),
    /// Somebody deleted the holder's znode.
    Removed,
    /// No server has confirmed in time that the session lives. It may do so yet; who acted on that
    /// would have to know that it did in time.
    LeaseOver,
    /// It was given up.
    Released,
}

/// What is known of something that is held. Does no I/O.
#[derive(Debug)]
struct Vigil {
    standing: Standing,
}

/// Tells the holder's standing until it is lost.
pub(super) async fn keep(
    client: Client,
    removal: impl Future<Output = ()>,
    mut lease: watch::Receiver<Option<Lease>>,
    told: watch::Sender<Standing>,
) {
    let mut state = client.state();
    let standing = *told.borrow();
    let mut vigil = Vigil { standing };
    let mut removal = std::pin::pin!(removal);
    loop {
        let link = state.borrow_and_update().clone();
        let until = lease.borrow_and_update().map(|lease| lease.sure_until());
        vigil.look(client.clock().now(), &link, until.unwrap_or_default());
        publish(&told, vigil.standing);
        let Some(until) = vigil.standing.until() else {
            return;
        };
        tokio::select! {
            // In an order, so that a simulation can be repeated: all is looked at behind each.
            biased;
            // A client that is gone has said in its state how it ended.
            _ = state.changed() => {}
            _ = lease.changed() => {}
            () = &mut removal => vigil.lose(Lost::Removed),
            () = sleep_until(client.clock().as_ref(), until) => {}
        }
    }
}

/// Tells a standing, unless it is lost already.
pub(super) fn publish(told: &watch::Sender<Standing>, standing: Standing) {
    told.send_if_modified(|told| {
        let is_news = told.lost().is_none() && *told != standing;
        if is_news {
            *told = standing;
        }
        is_news
    });
}

/// Waits until the holder's znode is not there any more. `watched` fires when it changes, if somebody
/// watches it already.
pub(super) async fn removal(
    client: Client,
    node: String,
    session: i64,
    mut watched: Option<OneShot>,
) {
    loop {
        let changed = match watched.take() {
            Some(changed) => changed,
            None => match patience::repeat(|| client.exists_and_watch(&node)).await {
                Ok((Some(stat), changed)) if stat.ephemeral_owner == session => changed,
                Ok(_) => return,
                Err(_) => break,
            },
        };
        if changed.fired().await.is_err() {
            break;
        }
    }
    // The session is over, which the client's state tells.
    future::pending::<()>().await;
}

// === impl Standing ===

impl Standing {
    /// Until when it certainly is the holder's; `None` when it is lost.
    pub fn until(&self) -> Option<BootInstant> {
        match self {
            Self::Sure { until } | Self::Suspended { until } => Some(*until),
            Self::Lost(_) => None,
        }
    }

    /// Why it is lost; `None` when it is not.
    pub fn lost(&self) -> Option<Lost> {
        match self {
            Self::Sure { .. } | Self::Suspended { .. } => None,
            Self::Lost(lost) => Some(*lost),
        }
    }
}

// === impl Lost ===

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SessionOver(ended) => write!(f, "{ended}"),
            Self::Removed => f.write_str("somebody deleted the holder's znode"),
            Self::LeaseOver => {
                f.write_str("no ZooKeeper server has confirmed in time that the session lives")
            }
            Self::Released => f.write_str("it was released"),
        }
    }
}

// === impl Vigil ===

impl Vigil {
    /// Takes what is known by now. A holder has stopped when the time it was told has passed, so
    /// nothing that is learnt later brings it back.
    fn look(&mut self, now: BootInstant, state: &State, until: BootInstant) {
        let Some(told) = self.standing.until() else {
            return;
        };
        self.standing = match state {
            State::Ended(ended) => Standing::Lost(Lost::SessionOver(*ended)),
            _ if now >= told || now >= until => Standing::Lost(Lost::LeaseOver),
            State::Connected(connected) if !connected.is_read_only => Standing::Sure { until },
            State::Connected(_) | State::Connecting { .. } => Standing::Suspended { until },
        };
    }

    fn lose(&mut self, lost: Lost) {
        if self.standing.lost().is_none() {
            self.standing = Standing::Lost(lost);
        }
    }
}

#[cfg(test)]
mod tests;
