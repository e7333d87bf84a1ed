use dockeeper_model::NodeName;

/// What the coordination for others works with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The ensemble, with the chroot, the credentials and the time-out of each hold's session.
    pub zookeeper: dockeeper_zk_client::Config,
    /// Dockeeper's name of the host.
    pub node: NodeName,
    /// The host name.
    pub host: String,
    /// The wall clock, in milliseconds since 1970.
    pub now_ms: fn() -> i64,
}
