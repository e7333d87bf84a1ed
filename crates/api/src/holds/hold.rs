use super::{Grant, Id, Status};
use crate::{
    caller::{Caller, Owner},
    contest::Contest,
    problem::Problem,
};
use dockeeper_recipes::{Lost, Standing};
use dockeeper_zk_client::{BootClock, Client, Config};
use std::sync::Arc;
use tokio::sync::watch;

/// Something that is held, or waited for, with a session of its own.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) id: Id,
    pub(crate) caller: Caller,
    pub(crate) contest: Contest,
    /// When it was asked for, in milliseconds since 1970.
    pub(crate) since_ms: i64,
    /// What the lease is counted on.
    pub(crate) clock: Arc<dyn BootClock>,
    pub(super) status: watch::Receiver<Status>,
    /// Whether it is to end.
    pub(super) end: watch::Sender<bool>,
}

/// Ends a hold with whoever waits for it, unless it is kept.
#[derive(Debug)]
pub(crate) struct Tether(Option<Arc<Hold>>);

/// What a hold's task works with.
pub(super) struct Task {
    pub(super) config: Config,
    pub(super) contest: Contest,
    /// What the holder's znode says.
    pub(super) data: Vec<u8>,
    pub(super) status: watch::Sender<Status>,
    pub(super) end: watch::Receiver<bool>,
}

// === impl Hold ===

impl Hold {
    /// How it stands, to be watched.
    pub(crate) fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Waits until it is acquired or never will be.
    pub(crate) async fn settled(&self) -> Status {
        let mut status = self.status();
        let settled = status.wait_for(|status| *status != Status::Waiting);
        // Its task tells how it ended before it goes.
        settled
            .await
            .map_or(Status::Lost(Lost::Released), |status| status.clone())
    }

    pub(crate) fn owner(&self) -> Owner {
        self.caller.owner()
    }

    /// Whether it is lost or never will be acquired.
    pub(crate) fn is_over(&self) -> bool {
        self.status.borrow().is_over()
    }

    /// Has it end. Returns at once.
    pub(crate) fn end(&self) {
        self.end.send_replace(true);
    }

    /// Waits until its session is over.
    pub(crate) async fn ended(&self) {
        let mut status = self.status();
        while status.changed().await.is_ok() {}
    }
}

// === impl Tether ===

impl Tether {
    pub(super) fn new(hold: Arc<Hold>) -> Self {
        Self(Some(hold))
    }

    pub(crate) fn hold(&self) -> &Arc<Hold> {
        self.0.as_ref().expect("a tether is cut by value")
    }

    /// From now on the hold lasts without this.
    pub(crate) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Tether {
    fn drop(&mut self) {
        if let Some(hold) = &self.0 {
            hold.end();
        }
    }
}

// === impl Task ===

impl Task {
    /// Holds it until it is lost or is to end, and ends the session, so that the next one need not
    /// wait for it to expire.
    pub(super) async fn run(mut self) {
        let client = Client::connect(self.config.clone());
        let mut end = self.end.clone();
        let over = tokio::select! {
            biased;
            _ = end.wait_for(|end| *end) => Status::Lost(Lost::Released),
            over = self.hold(&client) => over,
        };
        // Told first: who holds it has to stop before the next one begins.
        self.status.send_replace(over);
        client.close().await;
    }

    async fn hold(&mut self, client: &Client) -> Status {
        match self.try_hold(client).await {
            Ok(lost) => Status::Lost(lost),
            Err(problem) => Status::Refused(problem),
        }
    }

    async fn try_hold(&mut self, client: &Client) -> Result<Lost, Problem> {
        let acquiring = self
            .contest
            .acquire(client, &self.config, self.data.clone());
        let held = acquiring.await?;
        let grant = Grant::of(&held, self.config.servers.chroot());
        let mut standing = held.standing();
        loop {
            let now: Standing = *standing.borrow_and_update();
            if let Some(lost) = now.lost() {
                return Ok(lost);
            }
            self.status.send_replace(Status::Held(grant.clone(), now));
            if standing.changed().await.is_err() {
                return Ok(Lost::Released);
            }
        }
    }
}
