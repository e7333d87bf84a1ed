//! What a contender does while it holds something.

use super::Contender;
use crate::{
    history::Tenure,
    process::Clock,
    referee,
    resource::{Mode, Resource},
};
use dockeeper_recipes::{Error, Held, Standing};
use dockeeper_zk_client::{BootClock, BootInstant};
use std::{io, sync::atomic::Ordering, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::watch,
    time::{sleep, timeout},
};

/// How long an answer of the referee's is waited for.
const REFEREE_LIMIT: Duration = Duration::from_millis(400);

/// Writes down when a tenure ends, also when that is by being cancelled.
struct Ending<'a> {
    tenure: usize,
    of: &'a mut Contender,
}

// === impl Contender ===

impl Contender {
    /// Works under what it holds, and gives it up. May be cancelled at any time.
    pub(super) async fn hold(&mut self, number: usize, resource: Resource, mode: Mode, held: Held) {
        let tenure = self.begin(resource, mode, &held);
        let ending = Ending { tenure, of: self };
        ending.of.work(tenure, number, mode, &held).await;
        ending.note();
        ending.of.give_up(held).await;
    }

    /// Writes down that something is held, and from now on for how long that is sure.
    fn begin(&self, resource: Resource, mode: Mode, held: &Held) -> usize {
        let from = self.clock.elapsed();
        let mut standing = held.standing();
        let tenure = self.history.began(Tenure {
            who: self.who,
            resource,
            mode,
            token: held.token(),
            session: held.session(),
            from,
            sure_until: from,
            released_at: None,
            lost: None,
        });
        let history = self.history.clone();
        tokio::spawn(async move {
            loop {
                let told = *standing.borrow_and_update();
                history.tenure(tenure, |tenure| match told {
                    Standing::Sure { until } | Standing::Suspended { until } => {
                        tenure.sure_until = tenure.sure_until.max(elapsed(until));
                    }
                    Standing::Lost(lost) => tenure.lost = Some(lost),
                });
                if told.lost().is_some() || standing.changed().await.is_err() {
                    return;
                }
            }
        });
        tenure
    }

    /// Writes to what is protected, until it has had enough or has lost.
    async fn work(&mut self, tenure: usize, number: usize, mode: Mode, held: &Held) {
        let is_calm = self.is_calm.load(Ordering::Relaxed);
        let for_long = match self.rng.u8(..5) {
            _ if is_calm => 0..50,
            // Longer than a session lives that nobody hears of.
            0 => 2000..7000,
            _ => 0..1500,
        };
        let end = self.clock.elapsed() + self.between(for_long);
        let standing = held.standing();
        while self.clock.elapsed() < end {
            if mode == Mode::Alone && is_sure(&standing, &self.clock) {
                // A careless program: it is late when it is stopped between looking and writing.
                sleep(self.between(0..100)).await;
                let request = referee::request(tenure, number, held.token());
                if let Ok(Err(_)) = timeout(REFEREE_LIMIT, self.write(request)).await {
                    self.referee = None;
                }
            }
            let pause = self.between(5..200);
            if timeout(pause, held.lost()).await.is_ok() {
                return;
            }
        }
    }

    /// Writes, and waits until something was written: this, or what is late.
    async fn write(&mut self, request: referee::Request) -> io::Result<u8> {
        let stream = match &mut self.referee {
            Some(stream) => stream,
            empty => {
                let stream = self.uplink.open(referee::NAME, referee::PORT).await?;
                empty.insert(stream)
            }
        };
        stream.write_all(&request).await?;
        stream.read_u8().await
    }

    async fn give_up(&mut self, held: Held) {
        let is_over = |error: &Error| matches!(error, Error::SessionOver { .. });
        match self.rng.u8(..4) {
            0 => drop(held),
            1 => drop(timeout(self.between(0..20), held.release()).await),
            _ => {
                let released = held.release().await;
                if let Some(error) = released.err().filter(|error| !is_over(error)) {
                    let what = format!("{} cannot release: {error}", self.who);
                    self.history.violated(what);
                }
            }
        }
    }
}

// === impl Ending ===

impl Ending<'_> {
    fn note(&self) {
        let at = self.of.clock.elapsed();
        self.of.history.tenure(self.tenure, |tenure| {
            tenure.released_at.get_or_insert(at);
        });
    }
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.note();
    }
}

fn is_sure(standing: &watch::Receiver<Standing>, clock: &Clock) -> bool {
    matches!(*standing.borrow(), Standing::Sure { until } if clock.now() < until)
}

fn elapsed(at: BootInstant) -> Duration {
    at - BootInstant::default()
}
