//! How a testbed is asked for and started.

use std::{path::PathBuf, time::Duration};

use serde_json::{Map, Value};
use tokio::try_join;

use crate::{
    blocking,
    claim::Claim,
    error::{Error, Result},
    host::{Host, Setup, image},
    join,
    layout::{HOSTS_MAX, Layout, ZOOKEEPERS_MAX},
    network,
    prerequisites::{self, Needs},
    testbed::Testbed,
    zookeeper::{Ensemble, Tls, config::Config},
};

/// The program whose own server a testbed uses where a test asks for one server and says nothing
/// else: so the tests that were written for Apache's run against ours.
pub const KEEPER_VARIABLE: &str = "DOCKEEPER_TESTBED_KEEPER";

/// Our own server is alone: it replicates nothing.
const KEEPERS_MAX: u8 = 1;

/// What a testbed shall consist of. Without a word it is one host and one `ZooKeeper` server.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `start`"]
pub struct Builder {
    hosts: u8,
    zookeepers: u8,
    docker: Map<String, Value>,
    zookeeper: Config,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            hosts: 1,
            zookeepers: 1,
            docker: Map::new(),
            zookeeper: Config::default(),
        }
    }
}

impl Builder {
    /// How many Docker hosts; 0 for none.
    pub fn hosts(mut self, count: u8) -> Self {
        self.hosts = count;
        self
    }

    /// How many `ZooKeeper` servers: 1, an ensemble of 3 or more, or 0 for none.
    pub fn zookeepers(mut self, count: u8) -> Self {
        self.zookeepers = count;
        self
    }

    /// `ZooKeeper`'s `tickTime`, 500 ms if nothing is said. A session times out after 2 to 20
    /// ticks.
    pub fn tick(mut self, tick: Duration) -> Self {
        self.zookeeper.tick = tick;
        self
    }

    /// Has each `ZooKeeper` server run as fast as it can, for measurements: with a heap of so many
    /// MiB rather than 256, and with all of Java's optimisations, which tests do not wait for.
    pub fn for_measurements(mut self, heap_mib: u32) -> Self {
        self.zookeeper.heap_mib = heap_mib;
        self.java_flag("-XX:TieredStopAtLevel=4")
    }

    /// Adds a line to every server's `zoo.cfg`, such as `snapCount`, `1000`.
    pub fn zookeeper_option(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.zookeeper.options.push((key.into(), value.into()));
        self
    }

    /// Gives every `ZooKeeper` server a second port, with TLS. The files must stay for as long as
    /// the servers are started.
    pub fn zookeeper_tls(mut self, tls: Tls) -> Self {
        self.zookeeper.tls = Some(tls);
        self
    }

    /// Adds a flag to every server's Java, such as `-Djute.maxbuffer=4194304`.
    pub fn java_flag(mut self, flag: impl Into<String>) -> Self {
        self.zookeeper.java_flags.push(flag.into());
        self
    }

    /// Uses our own server instead of Apache's: the program `dockeeper`, for a testbed with one
    /// server. What was said about Java and `zoo.cfg` does not concern it.
    ///
    /// Without a word it is what the environment variable [`KEEPER_VARIABLE`] names, if the
    /// testbed has one server.
    pub fn keeper(mut self, program: impl Into<PathBuf>) -> Self {
        self.zookeeper.keeper = Some(program.into());
        self
    }

    /// Adds a flag to our own server's command line, such as `--frame-len-max=4194304`.
    pub fn keeper_flag(mut self, flag: impl Into<String>) -> Self {
        self.zookeeper.keeper_flags.push(flag.into());
        self
    }

    /// Adds a setting to every host's `daemon.json`, such as `live-restore`, `true`.
    pub fn docker_option(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.docker.insert(key.into(), value.into());
        self
    }

    /// Starts everything, hosts and servers at the same time, and waits until all serve.
    ///
    /// First it removes what killed processes have left behind. When a step fails, or when the
    /// caller stops waiting, everything made so far is removed.
    ///
    /// # Errors
    ///
    /// [`Error::Prerequisite`] if the machine lacks something, [`Error::Start`] with the end of the
    /// daemon's log if one does not start, [`Error::TooMany`], [`Error::TwoServers`],
    /// [`Error::Full`].
    pub async fn start(mut self) -> Result<Testbed> {
        at_most("hosts", self.hosts, HOSTS_MAX)?;
        at_most("ZooKeeper servers", self.zookeepers, ZOOKEEPERS_MAX)?;
        match &self.zookeeper.keeper {
            Some(_) => at_most("servers of our own", self.zookeepers, KEEPERS_MAX)?,
            None if self.zookeepers <= KEEPERS_MAX => {
                let program = std::env::var_os(KEEPER_VARIABLE);
                let program = program.filter(|program| !program.is_empty());
                self.zookeeper.keeper = program.map(Into::into);
            }
            None => {}
        }
        if self.zookeepers == 2 {
            return Err(Error::TwoServers);
        }
        let needs = Needs {
            docker: self.hosts > 0,
            zookeeper: self.zookeepers > 0 && self.zookeeper.keeper.is_none(),
        };
        let Self {
            hosts, zookeepers, ..
        } = self;
        let claim = blocking::run(move || {
            prerequisites::check(needs)?;
            let claim = Claim::take(hosts, zookeepers)?;
            network::build(claim.layout())?;
            Ok(claim)
        })
        .await?;
        let layout = *claim.layout();
        let servers = layout.zookeepers().collect();
        let (hosts, ensemble) = try_join!(
            start_hosts(layout, self.docker),
            Ensemble::start(servers, self.zookeeper)
        )?;
        Ok(Testbed::new(claim, hosts, ensemble))
    }
}

fn at_most(what: &'static str, asked: u8, most: u8) -> Result<()> {
    if asked > most {
        Err(Error::TooMany { what, asked, most })
    } else {
        Ok(())
    }
}

async fn start_hosts(layout: Layout, options: Map<String, Value>) -> Result<Vec<Host>> {
    if layout.hosts == 0 {
        return Ok(Vec::new());
    }
    let layer = image::build(&layout.directory()).await?;
    let setups = (0..).zip(layout.hosts()).map(|(index, node)| Setup {
        node,
        network: layout.container_network(index),
        options: options.clone(),
        layer: layer.clone(),
    });
    join::all(setups.map(Host::start)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_makes_no_testbed_is_refused_before_anything_is_made() {
        for (hosts, zookeepers, why) in [
            (HOSTS_MAX + 1, 1, "at most 32"),
            (1, ZOOKEEPERS_MAX + 1, "at most 7"),
            (1, 2, "ask for 1, 3 or 5"),
        ] {
            let builder = Builder::default().hosts(hosts).zookeepers(zookeepers);
            let error = builder.start().await.unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
