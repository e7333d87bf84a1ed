use dockeeper_engine::docker;
use dockeeper_model::{NodeName, instance::Payload};
use dockeeper_registry::host::settings::ComposeName;
use std::{net::IpAddr, path::PathBuf, time::Duration};

/// How an agent behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// The ensemble, with the chroot, the credentials and the session time-out.
    pub zookeeper: dockeeper_zk_client::Config,
    /// The Docker Engine.
    pub docker: docker::Config,
    /// The host's name; `None` for the host name.
    pub node: Option<NodeName>,
    /// Where the host's published ports are reached; `None` for the address of the route towards
    /// ZooKeeper, which is looked at again after each reconnect and with each comparison.
    pub address: Option<IpAddr>,
    /// Where the agent keeps what has to survive it.
    pub state_dir: PathBuf,
    /// Where the agent keeps what does not outlive the machine: the volumes of configuration.
    pub run_dir: PathBuf,
    /// The Unix socket on which Docker asks for volumes of configuration; its name without the suffix
    /// is that of the volume driver. `None` for none.
    pub plugin_socket: Option<PathBuf>,
    /// The Unix socket for containers and people on the host; `None` for none.
    pub socket: Option<PathBuf>,
    /// Whether containers are advertised at their own addresses instead of the host's.
    pub internal: bool,
    /// Whether only containers that name their service are registered as services.
    pub explicit: bool,
    /// Whether loopback addresses are advertised.
    pub advertise_loopback: bool,
    /// How a container of a Compose project is named.
    pub compose_name: ComposeName,
    /// What the instances' Curator payload holds.
    pub payload: Payload,
    /// How long a container that was told to stop stays out of service while it still runs.
    pub stop_hold: Duration,
    /// How often everything is compared, whatever events said.
    pub compare_interval: Duration,
}
