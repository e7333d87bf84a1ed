//! What a person reads about a testbed.

use dockeeper_testbed::{
    IMAGE, Layout, Node,
    record::{Record, State},
};

/// The nodes of a testbed and where they are.
pub(super) fn describe(layout: &Layout) -> String {
    let (name, caller) = (layout.name(), layout.caller());
    let mut text = format!("testbed {name}, this machine is {}\n", caller.address());
    for host in layout.hosts() {
        let (name, address) = (host.name(), host.address());
        let socket = host.docker_socket();
        text += &format!("  {name:<4} {address:<13} unix://{}\n", socket.display());
    }
    if layout.zookeepers > 0 {
        text += &format!("  --zk {}\n", layout.connect_string());
    }
    text
}

/// Commands to begin with.
pub(super) fn usage(layout: &Layout) -> String {
    let host = layout.hosts().next().map(|host| host_usage(layout, &host));
    host.unwrap_or_default() + "End it:\n  cargo xtask testbed down\n"
}

fn host_usage(layout: &Layout, host: &Node) -> String {
    let docker = format!("docker -H unix://{}", host.docker_socket().display());
    let enter = format!("nsenter -t $(cat {}) -n -m -u", host.pid_file().display());
    let (name, switch, zk) = (host.name(), layout.switch(), zk(layout));
    format!(
        "Start a container on {name}, and look at it:
  {docker} run -d --init {IMAGE} sleep 600
  {docker} ps
Run a program on {name}, such as an agent:
  {enter} /path/to/dockeeper agent --zk {zk}
Pull the network cable of {name}, and plug it in:
  ip -n {switch} link set {name} down
  ip -n {switch} link set {name} up
"
    )
}

/// Who needs a testbed.
pub(super) fn state(record: &Record) -> String {
    match record.state() {
        State::Persistent => "stays until it is brought down".into(),
        State::Owned(owner) => format!("used by process {}", owner.pid),
        State::Abandoned => "left behind by a killed process".into(),
    }
}

fn zk(layout: &Layout) -> String {
    if layout.zookeepers > 0 {
        layout.connect_string()
    } else {
        "HOST:PORT".into()
    }
}
