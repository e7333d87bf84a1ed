use super::summary::version;
use std::{net::SocketAddr, path::PathBuf};

/// What the server runs on. Unlike Apache's, it has nothing to tell of a Java machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The machine's name.
    pub host_name: String,
    /// The machine's architecture, such as `x86_64`.
    pub arch: String,
    /// The kernel's version.
    pub kernel: String,
    /// Who runs the server.
    pub user: String,
    /// Their home directory.
    pub home: PathBuf,
    /// The working directory.
    pub dir: PathBuf,
    /// Memory that is free, in bytes.
    pub memory_free: u64,
    /// Memory that there is, in bytes.
    pub memory_total: u64,
}

/// How the server is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conf {
    /// Where it listens without TLS.
    pub listen: Option<SocketAddr>,
    /// Where it listens with TLS.
    pub listen_tls: Option<SocketAddr>,
    /// Where log and snapshots are.
    pub data_dir: PathBuf,
    /// Bytes that the snapshots take.
    pub snapshots_len: u64,
    /// Bytes that the log takes.
    pub log_len: u64,
    /// Length of a tick in milliseconds.
    pub tick_ms: u32,
    /// How many connections one address may have; zero for any number.
    pub connections_per_address: usize,
    /// The session time-outs that it grants.
    pub timeouts: crate::sessions::TimeoutRange,
}

/// The answer to `envi`.
pub fn envi(environment: &Environment) -> String {
    let Environment {
        host_name,
        arch,
        kernel,
        user,
        home,
        dir,
        memory_free,
        memory_total,
    } = environment;
    let megabytes = |bytes: &u64| format!("{}MB", bytes >> 20);
    lines(
        "Environment:\n",
        [
            ("zookeeper.version", version()),
            ("host.name", host_name.clone()),
            ("os.name", "Linux".to_owned()),
            ("os.arch", arch.clone()),
            ("os.version", kernel.clone()),
            ("user.name", user.clone()),
            ("user.home", home.display().to_string()),
            ("user.dir", dir.display().to_string()),
            ("os.memory.free", megabytes(memory_free)),
            ("os.memory.max", megabytes(memory_total)),
            ("os.memory.total", megabytes(memory_total)),
        ],
    )
}

/// The answer to `conf`.
pub fn conf(conf: &Conf) -> String {
    let port = |listen: &Option<SocketAddr>| match listen {
        Some(listen) => listen.port().to_string(),
        None => "-1".to_owned(),
    };
    let dir = conf.data_dir.display().to_string();
    lines(
        "",
        [
            ("clientPort", port(&conf.listen)),
            ("secureClientPort", port(&conf.listen_tls)),
            ("dataDir", dir.clone()),
            ("dataDirSize", conf.snapshots_len.to_string()),
            ("dataLogDir", dir),
            ("dataLogSize", conf.log_len.to_string()),
            ("tickTime", conf.tick_ms.to_string()),
            ("maxClientCnxns", conf.connections_per_address.to_string()),
            ("minSessionTimeout", conf.timeouts.min_ms.to_string()),
            ("maxSessionTimeout", conf.timeouts.max_ms.to_string()),
            ("clientPortListenBacklog", "-1".to_owned()),
            ("serverId", "0".to_owned()),
        ],
    )
}

fn lines<const N: usize>(heading: &str, pairs: [(&str, String); N]) -> String {
    let lines = pairs.map(|(name, value)| format!("{name}={value}\n"));
    format!("{heading}{}", lines.concat())
}
