//! A program that acquires this and that, works under it, and gives it up.

mod tenancy;

use crate::{history::History, process::Clock, resource, uplink::Uplink};
use dockeeper_recipes::Error;
use dockeeper_zk_client::{Client, Config, State};
use fastrand::Rng;
use std::{
    future,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::DuplexStream,
    time::{sleep, timeout},
};

/// What a session's time-out is: four ticks of the server's.
const SESSION_TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) struct Contender {
    /// The number of its machine.
    pub(crate) who: usize,
    /// Its servers, as a connect string.
    pub(crate) servers: &'static str,
    pub(crate) uplink: Uplink,
    pub(crate) history: History,
    pub(crate) clock: Clock,
    pub(crate) rng: Rng,
    /// Its connection to what is protected. What was written there may arrive much later.
    pub(crate) referee: Option<DuplexStream>,
    /// What it contends for.
    pub(crate) resources: Arc<[usize]>,
    /// Whether nothing more goes wrong: then nobody gives up.
    pub(crate) is_calm: Arc<AtomicBool>,
    /// Set when it has been served in the calm.
    pub(crate) is_served: Arc<AtomicBool>,
}

// === impl Contender ===

impl Contender {
    pub(crate) async fn run(mut self) {
        let mut client = self.connect();
        while !self.is_calm.load(Ordering::Relaxed) {
            let resource = self.resources[self.rng.usize(..self.resources.len())];
            let patience = match self.rng.u8(..3) {
                0 => self.between(1..300),
                _ => self.between(300..6000),
            };
            // Patience ends while it waits, or while it holds something.
            if timeout(patience, self.serve(&client, resource))
                .await
                .is_err()
            {
                self.history.cancelled();
            }
            client = self.go_on(client).await;
            sleep(self.between(0..200)).await;
        }
        let resources = Arc::clone(&self.resources);
        for resource in resources.iter().copied() {
            while !self.serve(&client, resource).await {
                client = self.go_on(client).await;
            }
        }
        self.is_served.store(true, Ordering::Relaxed);
        // The session stays, so that nothing disappears only because it ends.
        future::pending::<()>().await;
        drop(client);
    }

    fn connect(&mut self) -> Client {
        let mut config = Config::new(self.servers.parse().unwrap());
        config.session_timeout = SESSION_TIMEOUT;
        config.request_timeout = 2 * SESSION_TIMEOUT;
        config.connect = Arc::new(self.uplink.clone());
        config.clock = Arc::new(self.clock.clone());
        config.seed = Some(self.rng.u64(..));
        Client::connect(config)
    }

    /// The same session, or another one: a session ends, and some programs come and go.
    async fn go_on(&mut self, client: Client) -> Client {
        let has_ended = matches!(&*client.state().borrow(), State::Ended(_));
        match self.rng.u8(..20) {
            0 => drop(client.close().await),
            1 => client.detach().await,
            _ if has_ended => {}
            _ => return client,
        }
        self.connect()
    }

    /// Acquires something, holds it for a while, and gives it up; false when it got nothing. May be
    /// cancelled at any time.
    async fn serve(&mut self, client: &Client, number: usize) -> bool {
        let resource = resource::ALL[number];
        let modes = resource.modes();
        let mode = modes[self.rng.usize(..modes.len())];
        let held = match resource.acquire(client, mode).await {
            Ok(held) => held,
            Err(Error::SessionOver { .. }) => return false,
            Err(error) => {
                let (who, at) = (self.who, self.clock.elapsed());
                let what = format!("{at:?}: {who} cannot have {resource:?}: {error}");
                self.history.violated(what);
                return false;
            }
        };
        self.hold(number, resource, mode, held).await;
        true
    }

    fn between(&mut self, millis: Range<u64>) -> Duration {
        Duration::from_millis(self.rng.u64(millis))
    }
}
