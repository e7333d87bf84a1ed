//! The configuration of a `ZooKeeper` server and the command line of its Java machine.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf, absolute},
    time::Duration,
};

use tokio::process::Command;

use super::tls::Tls;
use crate::{
    error::{Error, Result},
    node::Node,
    nsenter,
};

/// Where clients connect, on each server's own address.
pub const CLIENT_PORT: u16 = 2181;

/// Debian keeps the jars of all Java programs here.
pub(crate) const JARS: &str = "/usr/share/java";

/// What `ZooKeeper` consists of. The simple logger writes to the standard error and needs no
/// configuration.
const CLASS_PATH: [&str; 9] = [
    "zookeeper",
    "zookeeper-jute",
    "netty-all",
    "netty-codec",
    "slf4j-api",
    "slf4j-simple",
    "commons-cli",
    "metrics-core",
    "snappy-java",
];

/// Small and quick to start.
const JAVA_FLAGS: [&str; 5] = [
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xshare:auto",
    "-Dzookeeper.jmx.log4j.disable=true",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
];

/// How a test wants its ensemble.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) tick: Duration,
    pub(crate) heap_mib: u32,
    /// Lines to add to `zoo.cfg`.
    pub(crate) options: Vec<(String, String)>,
    /// Flags to add to Java's command line.
    pub(crate) java_flags: Vec<String>,
    pub(crate) tls: Option<Tls>,
    /// The program that has our own server, to be used instead of Apache's.
    pub(crate) keeper: Option<PathBuf>,
    /// Flags to add to our own server's command line.
    pub(crate) keeper_flags: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            // A quarter of ZooKeeper's own default, so that sessions of one second are possible.
            tick: Duration::from_millis(500),
            heap_mib: 256,
            options: Vec::new(),
            java_flags: Vec::new(),
            tls: None,
            keeper: None,
            keeper_flags: Vec::new(),
        }
    }
}

impl Config {
    /// Writes what the server with this index reads at its start.
    pub(super) fn install(&self, servers: &[Node], index: usize) -> Result<()> {
        let directory = servers[index].directory();
        let data = directory.join("data");
        fs::create_dir_all(&data).map_err(Error::file("create", &data))?;
        let files = [
            (data.join("myid"), format!("{}\n", index + 1)),
            (directory.join("zoo.cfg"), self.render(servers, &data)),
        ];
        files
            .into_iter()
            .try_for_each(|(path, text)| fs::write(&path, text).map_err(Error::file("write", path)))
    }

    /// What starts the server of a node.
    pub(super) fn command(&self, node: &Node) -> Command {
        let namespace = node.namespace().expect("a server has a namespace");
        let Some(keeper) = &self.keeper else {
            let mut command = nsenter::network(&namespace, "java");
            command.args(self.arguments(node));
            return command;
        };
        // A path is meant from the caller's directory.
        let program = absolute(keeper).unwrap_or_else(|_| keeper.clone());
        let mut command = nsenter::network(&namespace, program);
        command.args(self.keeper_arguments(node));
        command
    }

    /// The arguments of our own server, for what `zoo.cfg` has for Apache's.
    fn keeper_arguments(&self, node: &Node) -> Vec<String> {
        let data = node.directory().join("data");
        let tick = format!("{}ms", self.tick.as_millis());
        let fixed = [
            "keeper",
            "--data-dir",
            &data.to_string_lossy(),
            "--listen",
            &format!("0.0.0.0:{CLIENT_PORT}"),
            "--tick",
            &tick,
            "--connections-per-address-max",
            "0",
            "--words",
            "*",
        ];
        let fixed = fixed.into_iter().map(str::to_owned);
        fixed.chain(self.keeper_flags.iter().cloned()).collect()
    }

    /// The arguments of `java`.
    fn arguments(&self, node: &Node) -> Vec<String> {
        let jars: Vec<_> = CLASS_PATH
            .iter()
            .map(|jar| format!("{JARS}/{jar}.jar"))
            .collect();
        let mut arguments = vec![format!("-Xmx{}m", self.heap_mib)];
        arguments.extend(JAVA_FLAGS.map(str::to_owned));
        arguments.extend(self.java_flags.iter().cloned());
        arguments.extend(["-classpath".to_owned(), jars.join(":")]);
        arguments.push("org.apache.zookeeper.server.quorum.QuorumPeerMain".to_owned());
        arguments.push(
            node.directory()
                .join("zoo.cfg")
                .to_string_lossy()
                .into_owned(),
        );
        arguments
    }

    fn render(&self, servers: &[Node], data: &Path) -> String {
        let mut text = format!(
            "tickTime={}\n\
             # Ten seconds to join, and three of silence until a peer counts as lost.\n\
             initLimit=20\nsyncLimit=6\n\
             dataDir={}\n\
             clientPort={CLIENT_PORT}\n\
             # A test's clients all have one address.\n\
             maxClientCnxns=0\n\
             admin.enableServer=false\n\
             4lw.commands.whitelist=*\n\
             extendedTypesEnabled=true\n",
            self.tick.as_millis(),
            data.display()
        );
        let peers = servers.iter().enumerate().filter(|_| servers.len() > 1);
        let peers = peers.map(|(index, peer)| {
            (
                format!("server.{}", index + 1),
                format!("{}:2888:3888", peer.address()),
            )
        });
        let tls = self.tls.iter().flat_map(Tls::options);
        for (key, value) in peers.chain(tls).chain(self.options.iter().cloned()) {
            writeln!(text, "{key}={value}").expect("a String takes everything");
        }
        text
    }
}

/// Whether `ZooKeeper`'s jars are there.
pub(crate) fn installed() -> bool {
    CLASS_PATH
        .iter()
        .all(|jar| Path::new(JARS).join(jar).with_extension("jar").exists())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;

    fn render(zookeepers: u8) -> String {
        let layout = Layout {
            number: 3,
            hosts: 0,
            zookeepers,
        };
        let servers: Vec<_> = layout.zookeepers().collect();
        let mut config = Config::default();
        config.options.push(("snapCount".into(), "100".into()));
        config.render(&servers, &servers[0].directory().join("data"))
    }

    #[test]
    fn a_lone_server_has_no_peers() {
        let text = render(1);
        assert!(text.starts_with("tickTime=500\n"), "{text}");
        assert!(
            text.contains("\ndataDir=/tmp/dockeeper-testbed/dktb3/zk1/data\n"),
            "{text}"
        );
        assert!(!text.contains("server."), "{text}");
        assert!(text.ends_with("\nsnapCount=100\n"), "{text}");
    }

    #[test]
    fn tls_is_a_second_port() {
        let layout = Layout {
            number: 3,
            hosts: 0,
            zookeepers: 1,
        };
        let servers: Vec<_> = layout.zookeepers().collect();
        let config = Config {
            tls: Some(Tls {
                key_store: "/k.pem".into(),
                trust_store: "/t.pem".into(),
                needs_client_certificate: true,
            }),
            ..Config::default()
        };
        let text = config.render(&servers, Path::new("/data"));
        assert!(text.contains("\nclientPort=2181\n"), "{text}");
        assert!(text.contains("\nsecureClientPort=2281\n"), "{text}");
        assert!(text.ends_with("\nssl.clientAuth=need\n"), "{text}");
    }

    #[test]
    fn our_own_server_is_told_the_same() {
        let layout = Layout {
            number: 3,
            hosts: 0,
            zookeepers: 1,
        };
        let config = Config {
            keeper: Some("target/dockeeper".into()),
            keeper_flags: vec!["--log-level=debug".into()],
            ..Config::default()
        };
        let node = layout.zookeepers().next().unwrap();
        let command = config.command(&node);
        let arguments: Vec<_> = command.as_std().get_args().collect();
        let line = arguments.join(std::ffi::OsStr::new(" "));
        let line = line.to_str().unwrap();
        assert!(
            line.starts_with("--net=/run/netns/dktb3-zk1 -- /"),
            "{line}"
        );
        let end = "target/dockeeper keeper --data-dir /tmp/dockeeper-testbed/dktb3/zk1/data \
                   --listen 0.0.0.0:2181 --tick 500ms --connections-per-address-max 0 --words * \
                   --log-level=debug";
        assert!(line.ends_with(end), "{line}");
    }

    #[test]
    fn the_servers_of_an_ensemble_know_one_another() {
        let text = render(3);
        let peers = "server.1=10.77.3.101:2888:3888\nserver.2=10.77.3.102:2888:3888\n\
                     server.3=10.77.3.103:2888:3888\n";
        assert!(text.contains(peers), "{text}");
    }
}
