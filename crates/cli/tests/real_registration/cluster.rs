//! Hosts with agents, and what is registered.

use dockeeper_model::{ContainerRecord, decode, layout};
use dockeeper_testbed::{Builder, Host, IMAGE, Process, Testbed, wait};
use dockeeper_zk_client::{Client, Config};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};

/// For what takes a moment, on a machine with other things to do.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// The program under test.
pub(crate) const DOCKEEPER: &str = env!("CARGO_BIN_EXE_dockeeper");

/// Short, so that the end of a session need not be waited for long; the testbed's servers tick
/// every half second.
pub(crate) const SESSION_TIMEOUT: Duration = Duration::from_secs(3);

/// Docker hosts with an agent each.
pub(crate) struct Cluster {
    pub(crate) testbed: Testbed,
    pub(crate) agents: Vec<Process>,
    pub(crate) client: Client,
}

impl Cluster {
    pub(crate) async fn start(hosts: u8, zookeepers: u8) -> Self {
        let builder = Testbed::builder().hosts(hosts).zookeepers(zookeepers);
        Self::start_with(builder, &[]).await
    }

    pub(crate) async fn start_with(builder: Builder, arguments: &[&str]) -> Self {
        let testbed = builder.start().await.unwrap();
        let servers = format!("{}/dockeeper", testbed.zookeeper().connect_string());
        let client = Client::connect(Config::new(servers.parse().unwrap()));
        let mut cluster = Self {
            agents: Vec::new(),
            testbed,
            client,
        };
        for host in cluster.testbed.hosts() {
            let agent = cluster.agent_with(host, arguments);
            cluster.agents.push(agent);
        }
        for host in cluster.testbed.hosts() {
            cluster.settled(host).await;
        }
        cluster
    }

    /// Starts an agent on a host, as it is started again after its end.
    pub(crate) fn agent(&self, host: &Host) -> Process {
        self.agent_with(host, &[])
    }

    pub(crate) fn agent_with(&self, host: &Host, arguments: &[&str]) -> Process {
        let zk = self.testbed.zookeeper().connect_string();
        let state = state_dir(host);
        let timeout = format!("{SESSION_TIMEOUT:?}");
        let mut all = vec!["agent", "--zk", &zk, "--state-dir", state.to_str().unwrap()];
        all.extend(["--node", host.node().name()]);
        if !arguments.contains(&"--session-timeout") {
            all.extend(["--session-timeout", &timeout]);
        }
        let socket = socket(host);
        all.extend(["--socket", socket.to_str().unwrap()]);
        all.extend(arguments);
        host.spawn(DOCKEEPER, &all, &[]).unwrap()
    }

    /// Runs a command of the program on a host and returns its standard output.
    pub(crate) async fn dockeeper(&self, host: &Host, arguments: &[&str]) -> String {
        let (code, out, err) = self.try_dockeeper(host, arguments).await;
        assert_eq!(code, Some(0), "{arguments:?}: {err}");
        out
    }

    /// The same, with the exit code and what it said on standard error.
    pub(crate) async fn try_dockeeper(
        &self,
        host: &Host,
        arguments: &[&str],
    ) -> (Option<i32>, String, String) {
        let zk = self.testbed.zookeeper().connect_string();
        let mut command = host.command(DOCKEEPER).unwrap();
        let output = command.args(arguments).env("DOCKEEPER_ZK", zk).output();
        let output = tokio::time::timeout(LIMIT, output).await.unwrap().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    }

    /// The containers that are registered for a host, by their ids.
    pub(crate) async fn containers(&self, host: &Host) -> BTreeMap<String, ContainerRecord> {
        let node = host.node().name().parse().unwrap();
        let mut found = BTreeMap::new();
        let parent = layout::containers(&node);
        let Ok((ids, _)) = self.client.list(&parent).await else {
            return found;
        };
        for id in ids {
            if let Ok((content, _)) = self.client.get(&layout::container(&node, &id)).await {
                found.insert(id, decode(&content).unwrap());
            }
        }
        found
    }

    /// The endpoints that are registered for a service, sorted.
    pub(crate) async fn endpoints(&self, service: &str) -> Vec<String> {
        let path = format!("{}/{service}", layout::SERVICES);
        let mut endpoints = Vec::new();
        let Ok((ids, _)) = self.client.list(&path).await else {
            return endpoints;
        };
        for id in ids {
            let Ok((content, _)) = self.client.get(&format!("{path}/{id}")).await else {
                continue;
            };
            let instance = dockeeper_model::Instance::decode(
                service.parse().unwrap(),
                id.parse().unwrap(),
                &content,
            );
            endpoints.push(instance.unwrap().endpoint());
        }
        endpoints.sort();
        endpoints
    }

    /// Waits until a service has these endpoints and no others.
    pub(crate) async fn until_endpoints(&self, service: &str, expected: &[String]) {
        let what = format!("{service} at {expected:?}");
        let probe = async || match self.endpoints(service).await {
            found if found == expected => Ok(()),
            found => Err(format!("{found:?}")),
        };
        wait::until(what, LIMIT, probe).await.unwrap();
    }

    /// Waits until what is registered for a host is what its Docker runs, container for container
    /// and service for service.
    pub(crate) async fn settled(&self, host: &Host) {
        let what = format!("the registration of {}", host.node().name());
        let probe = async || self.compare(host).await;
        wait::until(what, LIMIT, probe).await.unwrap();
    }

    /// Compares what is registered for a host with what its Docker runs.
    pub(crate) async fn compare(&self, host: &Host) -> Result<(), String> {
        let name = host.node().name();
        let node = layout::node(&name.parse().unwrap());
        if self
            .client
            .exists(&node)
            .await
            .map_err(|e| e.to_string())?
            .is_none()
        {
            return Err("no agent".to_owned());
        }
        let running = host.docker(&["ps", "--quiet", "--no-trunc"]).await;
        let mut running: Vec<_> = running
            .map_err(|e| e.to_string())?
            .lines()
            .map(String::from)
            .collect();
        running.sort();
        let containers = self.containers(host).await;
        let registered: Vec<_> = containers.keys().cloned().collect();
        if registered != running {
            return Err(format!("runs {running:?}, registered {registered:?}"));
        }
        let mut shown: Vec<_> = containers
            .values()
            .flat_map(|record| &record.instances)
            .filter(|instance| instance.withheld.is_none())
            .map(|instance| layout::instance(&instance.service, &instance.id))
            .collect();
        shown.sort();
        let found = self.instances_of(name).await;
        if shown != found {
            return Err(format!("containers say {shown:?}, services say {found:?}"));
        }
        Ok(())
    }

    /// The paths of a host's instances, in all services.
    async fn instances_of(&self, node: &str) -> Vec<String> {
        let mut found = Vec::new();
        let (services, _) = self.client.list(layout::SERVICES).await.unwrap();
        for service in services {
            let path = format!("{}/{service}", layout::SERVICES);
            let Ok((ids, _)) = self.client.list(&path).await else {
                continue;
            };
            let is_its = |id: &&String| id.starts_with(&format!("{node}:"));
            found.extend(ids.iter().filter(is_its).map(|id| format!("{path}/{id}")));
        }
        found.sort();
        found
    }
}

/// Where a host's agent keeps its session.
pub(crate) fn state_dir(host: &Host) -> PathBuf {
    host.node().directory().join("state")
}

/// Where a host's agent listens.
pub(crate) fn socket(host: &Host) -> PathBuf {
    host.node().directory().join("agent.sock")
}

/// Runs a web server whose port 80 is published at `port`; returns the container's id.
pub(crate) async fn run_web(host: &Host, name: &str, port: u16, options: &[&str]) -> String {
    let publish = format!("{port}:80");
    let mut arguments = vec![
        "run",
        "--detach",
        "--init",
        "--name",
        name,
        "--publish",
        &publish,
    ];
    arguments.extend(options);
    arguments.extend([IMAGE, "httpd", "-f", "-p", "80"]);
    host.docker(&arguments).await.unwrap()
}

/// Runs a web server that takes no notice of SIGTERM, as the service of its name.
pub(crate) async fn run_stubborn(host: &Host, name: &str, port: u16) -> String {
    let (publish, label) = (format!("{port}:80"), format!("SERVICE_NAME={name}"));
    let script = "trap '' TERM; httpd -p 80; while :; do sleep 1; done";
    let mut arguments = vec!["run", "--detach", "--name", name, "--publish", &publish];
    arguments.extend(["--label", &label, IMAGE, "sh", "-c", script]);
    host.docker(&arguments).await.unwrap()
}

/// Reports an instance well on its host's agent's socket.
pub(crate) async fn report(host: &Host, instance: &str) {
    let mut socket = UnixStream::connect(socket(host)).await.unwrap();
    let request = format!("PUT /v1/agent/check/pass/{instance} HTTP/1.0\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
}

/// Where other hosts reach a port of a host.
pub(crate) fn at(host: &Host, port: u16) -> String {
    format!("{}:{port}", host.node().address())
}
