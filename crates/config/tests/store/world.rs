//! A keeper in this process, whose wall clock can be put forward.

use dockeeper_keeper::{
    Now,
    server::{Clock, Config, Keeper, SystemClock},
};
use dockeeper_zk_client::{self as zk, Client};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

const LIMIT: Duration = Duration::from_secs(20);

/// The system's clock, but for what people read.
#[derive(Debug)]
struct Ahead {
    system: SystemClock,
    by_ms: AtomicI64,
}

pub(crate) struct World {
    pub(crate) client: Client,
    clock: Arc<Ahead>,
    serving: JoinHandle<()>,
    _directory: TempDir,
}

// === impl Ahead ===

impl Clock for Ahead {
    fn now(&self) -> Now {
        let now = self.system.now();
        let wall_ms = now.wall_ms + self.by_ms.load(Ordering::Relaxed);
        Now { wall_ms, ..now }
    }
}

// === impl World ===

impl World {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(Ahead {
            system: SystemClock::new(),
            by_ms: AtomicI64::new(0),
        });
        let config = Config {
            listen: vec!["127.0.0.1:0".parse().unwrap()],
            clock: clock.clone(),
            ..Config::new(directory.path().join("data"))
        };
        let keeper = Keeper::open(config).await.unwrap();
        let address = keeper.handle().addresses()[0].to_string();
        let serving = tokio::spawn(async { keeper.run(std::future::pending()).await.unwrap() });
        let client = Client::connect(zk::Config::new(address.parse().unwrap()));
        client.connected(LIMIT).await.unwrap();
        Self {
            client,
            clock,
            serving,
            _directory: directory,
        }
    }

    /// What time it is moves on for the server's znodes, and not for its sessions.
    pub(crate) fn pass(&self, time: Duration) {
        let ms = i64::try_from(time.as_millis()).unwrap();
        self.clock.by_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
