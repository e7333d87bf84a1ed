//! What a person reads about a testbed.

use std::path::Path;

use dockeeper_testbed::{
    IMAGE, Layout, Node,
    record::{Record, State},
};

use crate::{
    agent::{log_file, state_directory},
    program::path_with,
};

/// Whether agents run on the hosts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Agents {
    /// One on each.
    Running,
    /// None, because a person will start them.
    Unwanted,
    /// None, because there is nothing to register, or no place to register it in.
    Impossible,
}

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

/// Commands to begin with. Each line that is indented can be typed as it stands.
pub(super) fn usage(layout: &Layout, program: &Path, agents: Agents) -> String {
    let mut text = path(layout, program);
    let host = layout.hosts().next();
    match (agents, &host) {
        (Agents::Running, Some(host)) => text += &with_agents(host),
        (Agents::Unwanted, Some(_)) => text += &without_agents(layout),
        (_, Some(host)) => text += &container(host, "sleep 600"),
        (_, None) => {}
    }
    if let Some(host) = &host {
        text += &cable(layout, host);
    }
    text + &format!("End it:\n  cargo xtask testbed down {}\n", layout.name())
}

/// What the other commands need in a shell.
fn path(layout: &Layout, program: &Path) -> String {
    let mut line = path_with(program);
    if layout.zookeepers > 0 {
        line = format!("DOCKEEPER_ZK={} {line}", layout.connect_string());
    }
    format!("First of all:\n  export {line}\n")
}

fn with_agents(host: &Node) -> String {
    let (name, enter, state) = (host.name(), enter(host), state_directory(host));
    let docker = format!("docker -H unix://{}", host.docker_socket().display());
    format!(
        "An agent runs on each host. Look at them, and at the log of {name}'s:
  dockeeper nodes
  tail {}
Start a container on {name}, and find it:
  {docker} run -d --init -p 8080:80 -e SERVICE_NAME=web {IMAGE} httpd -f -p 80
  dockeeper discover web
Run a program on {name}:
  {enter} dockeeper ps
Take {name} out of the cluster, and start its agent again:
  dockeeper agent leave --state-dir {}
  {}
",
        log_file(host).display(),
        state.display(),
        start_agent(host)
    )
}

fn without_agents(layout: &Layout) -> String {
    let agents = layout
        .hosts()
        .map(|host| format!("  {}\n", start_agent(&host)));
    let agents: String = agents.collect();
    format!("Start an agent on each host:\n{agents}Look at them:\n  dockeeper nodes\n")
}

fn container(host: &Node, command: &str) -> String {
    let docker = format!("docker -H unix://{}", host.docker_socket().display());
    format!(
        "Start a container on {}, and look at it:
  {docker} run -d --init {IMAGE} {command}
  {docker} ps
",
        host.name()
    )
}

/// In the background, as a person wants the shell back; everything that it writes is the host's.
fn start_agent(host: &Node) -> String {
    let (enter, state) = (enter(host), state_directory(host));
    let log = log_file(host);
    format!(
        "{enter} dockeeper agent --state-dir {} >> {} 2>&1 &",
        state.display(),
        log.display()
    )
}

fn cable(layout: &Layout, host: &Node) -> String {
    let (name, switch) = (host.name(), layout.switch());
    format!(
        "Pull the network cable of {name}, and plug it in:
  ip -n {switch} link set {name} down
  ip -n {switch} link set {name} up
"
    )
}

/// What comes before a command that is to run on a host.
fn enter(host: &Node) -> String {
    format!("nsenter -t $(cat {}) -n -m -u", host.pid_file().display())
}

/// Who needs a testbed.
pub(super) fn state(record: &Record) -> String {
    match record.state() {
        State::Persistent => "stays until it is brought down".into(),
        State::Owned(owner) => format!("used by process {}", owner.pid),
        State::Abandoned => "left behind by a killed process".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage_of(zookeepers: u8, agents: Agents) -> String {
        let layout = Layout {
            number: 3,
            hosts: 2,
            zookeepers,
        };
        usage(&layout, Path::new("/target/debug/dockeeper"), agents)
    }

    #[test]
    fn each_hosts_agent_has_a_state_directory_within_the_testbed() {
        let text = usage_of(1, Agents::Unwanted);
        let starts = text.lines().filter(|line| line.contains("dockeeper agent"));
        let starts: Vec<_> = starts.collect();
        assert_eq!(starts.len(), 2, "{text}");
        for (start, host) in starts.iter().zip(["h1", "h2"]) {
            let directory = format!("--state-dir /tmp/dockeeper-testbed/dktb3/{host}/state");
            assert!(start.contains(&directory), "{start}");
        }
    }

    #[test]
    fn an_agents_log_is_named_and_goes_on_when_it_is_started_again() {
        let text = usage_of(1, Agents::Running);
        let log = "/tmp/dockeeper-testbed/dktb3/h1/1-dockeeper.log";
        assert!(text.contains(&format!("  tail {log}\n")), "{text}");
        assert!(text.contains(&format!(" >> {log} 2>&1 &\n")), "{text}");
    }

    #[test]
    fn nothing_printed_is_to_be_filled_in() {
        for agents in [Agents::Running, Agents::Unwanted] {
            let text = usage_of(1, agents);
            assert!(!text.contains("/path/to"), "{text}");
            assert!(text.contains("PATH=/target/debug:$PATH"), "{text}");
            assert!(text.contains("DOCKEEPER_ZK=10.77.3.101:2181"), "{text}");
            assert!(
                text.ends_with("  cargo xtask testbed down dktb3\n"),
                "{text}"
            );
        }
    }

    #[test]
    fn without_zookeeper_nothing_of_it_is_suggested() {
        let text = usage_of(0, Agents::Impossible);
        assert!(!text.contains("DOCKEEPER_ZK") && !text.contains("dockeeper nodes"));
        assert!(text.contains("docker -H unix:///tmp/dockeeper-testbed/dktb3/h1/docker.sock ps"));
    }
}
