//! Both servers, started for a test.

use dockeeper_keeper::server::{Config, Keeper};
use dockeeper_testbed::Testbed;
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{runtime::Runtime, sync::oneshot, task::JoinHandle};

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
        let mut config = Config::new(data.path().to_owned());
        config.listen = vec![(Ipv4Addr::LOCALHOST, 0).into()];
        let tick_ms = i32::try_from(tick.as_millis()).unwrap();
        config.rules.tick = tick;
        config.rules.session_timeout_min_ms = 2 * tick_ms;
        config.rules.session_timeout_max_ms = 20 * tick_ms;
        config.connections_per_address_max = 0;
        config.words = "*".parse().unwrap();
        let (stop, stopped) = oneshot::channel();
        let (testbed, keeper) = runtime.block_on(async {
            let builder = Testbed::builder().hosts(0).zookeepers(1).tick(tick);
            let keeper = Keeper::open(config).await.unwrap();
            (builder.start().await.unwrap(), keeper)
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
