//! Both servers, started for a test.

use dockeeper_keeper::{
    acl::digest,
    server::{Config, Keeper},
};
use dockeeper_testbed::{Builder, Testbed};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};
use tokio::{runtime::Runtime, sync::oneshot, task::JoinHandle};

/// User and password of who may do everything.
pub(crate) const SUPER: &str = "root:everything";

/// Longer than any machine stalls.
const SESSION_TIMEOUT_MAX_MS: i32 = 120_000;

/// What is over stays there: when the reaper comes is no part of what is compared.
const REAP_INTERVAL: Duration = Duration::from_secs(24 * 3600);

/// Apache's server and the keeper, set up alike.
pub(crate) struct Servers {
    runtime: Runtime,
    testbed: Testbed,
    keeper: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
    _data: tempfile::TempDir,
}

impl Servers {
    pub(crate) fn start(tick: Duration) -> Self {
        let runtime = Runtime::new().unwrap();
        let data = tempfile::tempdir().unwrap();
        let config = config(data.path(), tick);
        let (stop, stopped) = oneshot::channel();
        let (testbed, keeper) = runtime.block_on(async {
            let keeper = Keeper::open(config).await.unwrap();
            (apache(tick).start().await.unwrap(), keeper)
        });
        let address = keeper.handle().addresses()[0];
        let running = runtime.spawn(async move {
            let told = async {
                stopped.await.ok();
            };
            keeper.run(told).await.unwrap();
        });
        Self {
            runtime,
            testbed,
            keeper: address,
            stop,
            running,
            _data: data,
        }
    }

    pub(crate) fn apache(&self) -> SocketAddr {
        self.testbed.zookeeper().server(0).address()
    }

    pub(crate) fn keeper(&self) -> SocketAddr {
        self.keeper
    }

    pub(crate) fn stop(self) {
        self.stop.send(()).unwrap();
        self.runtime.block_on(self.running).unwrap();
        self.runtime.block_on(self.testbed.shutdown()).unwrap();
    }
}

fn config(data: &Path, tick: Duration) -> Config {
    let tick_ms = i32::try_from(tick.as_millis()).unwrap();
    let mut config = Config::new(data.to_owned());
    config.listen = vec![(Ipv4Addr::LOCALHOST, 0).into()];
    config.rules.tick = tick;
    config.rules.session_timeout_min_ms = 2 * tick_ms;
    config.rules.session_timeout_max_ms = SESSION_TIMEOUT_MAX_MS;
    config.rules.enforces_quotas = true;
    config.rules.reap_interval = REAP_INTERVAL;
    config.rules.schemes.super_digest = Some(digest(SUPER));
    config.connections_per_address_max = 0;
    config.words = "*".parse().unwrap();
    config
}

fn apache(tick: Duration) -> Builder {
    let super_digest = digest(SUPER);
    let reap_ms = REAP_INTERVAL.as_millis();
    Testbed::builder()
        .hosts(0)
        .zookeepers(1)
        .tick(tick)
        .zookeeper_option("maxSessionTimeout", SESSION_TIMEOUT_MAX_MS.to_string())
        .zookeeper_option("enforceQuota", "true")
        .java_flag(format!(
            "-Dzookeeper.DigestAuthenticationProvider.superDigest={super_digest}"
        ))
        .java_flag(format!("-Dznode.container.checkIntervalMs={reap_ms}"))
}
