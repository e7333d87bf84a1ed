//! The Docker daemon of a host.

use std::{fs, net::Ipv4Addr, path::Path, time::Duration};

use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    process::Command,
};

use crate::{
    error::{Error, Result},
    node::Node,
    process::Process,
    wait,
};

/// Takes half a second on an idle machine, and much longer if it finds many containers.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Docker itself gives its containers 15 seconds to stop.
const STOP_LIMIT: Duration = Duration::from_secs(40);

/// A daemon that answers.
#[derive(Debug)]
pub(super) struct Daemon(Process);

impl Daemon {
    /// Starts it with `command`, which is `dockerd` on its host, and waits until it answers.
    pub(super) async fn start(mut command: Command, node: &Node) -> Result<Self> {
        command
            .arg("--config-file")
            .arg(node.directory().join("daemon.json"));
        let process = Process::spawn(command, node.directory().join("dockerd.log"))?;
        let socket = node.docker_socket();
        let step = format!("start of dockerd on {}", node.name());
        let probe = async || ping(&socket).await.map_err(|error| error.to_string());
        process.ready(&step, START_LIMIT, probe).await?;
        Ok(Self(process))
    }

    /// Stops it as an administrator does: it stops its containers first.
    pub(super) async fn stop(&self) -> Result<()> {
        self.0.terminate()?;
        self.0.wait(STOP_LIMIT).await.map(drop)
    }

    /// Kills it, and waits for the containerd that it has started, which the kernel kills with it.
    /// A new daemon that still saw the old containerd would wait for it to answer.
    pub(super) async fn kill(&self, machine: &Path) -> Result<()> {
        let file = machine.join("run/docker/containerd/containerd.pid");
        let containerd = fs::read_to_string(file).unwrap_or_default();
        self.0.kill().await?;
        let entry = Path::new("/proc").join(containerd.trim());
        wait::until("the end of containerd", STOP_LIMIT, async || {
            if containerd.is_empty() || !entry.exists() {
                Ok(())
            } else {
                Err("it runs".into())
            }
        })
        .await
    }

    pub(super) fn process(&self) -> &Process {
        &self.0
    }
}

/// Writes the daemon's configuration. It is a file and not options, so that one in `/etc/docker`
/// is not read.
pub(super) fn configure(
    node: &Node,
    network: Ipv4Addr,
    options: &Map<String, Value>,
) -> Result<()> {
    let path = node.directory().join("daemon.json");
    let text = render(node, network, options);
    fs::write(&path, text).map_err(Error::file("write", &path))
}

fn render(node: &Node, network: Ipv4Addr, options: &Map<String, Value>) -> String {
    let [a, b, c, _] = network.octets();
    let socket = format!("unix://{}", node.docker_socket().display());
    let mut config = json!({
        "data-root": node.directory().join("data"),
        // The second is the default one, in the host's own /run.
        "hosts": [socket, "unix:///var/run/docker.sock"],
        "pidfile": "/run/docker.pid",
        "bip": format!("{a}.{b}.{c}.1/24"),
        // Of the testbed's own making, so that the containers' processes can be found; systemd
        // would not let a daemon have it that it did not start.
        "cgroup-parent": format!("/{}", node.id().expect("a host has an id")),
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        // Keeps the log, whose end is shown in errors, free of gRPC's chatter.
        "log-level": "warn",
    });
    for (key, value) in options {
        config[key] = value.clone();
    }
    format!("{config:#}\n")
}

/// Asks a daemon whether it is there. An error says what it answered instead of 200.
async fn ping(socket: &Path) -> std::io::Result<()> {
    let mut stream = UnixStream::connect(socket).await?;
    stream.write_all(b"GET /_ping HTTP/1.0\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let line = answer.lines().next().unwrap_or_default();
    if line.split(' ').nth(1) == Some("200") {
        return Ok(());
    }
    Err(std::io::Error::other(format!("dockerd answered {line:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;

    #[test]
    fn options_are_added_to_the_configuration() {
        let layout = Layout {
            number: 3,
            hosts: 1,
            zookeepers: 0,
        };
        let node = layout.hosts().next().unwrap();
        let options = Map::from_iter([("live-restore".to_owned(), json!(true))]);
        let text = render(&node, layout.container_network(0), &options);
        let config: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(config["bip"], "10.100.96.1/24");
        assert_eq!(config["cgroup-parent"], "/dktb3-h1");
        assert_eq!(config["live-restore"], true);
    }
}
