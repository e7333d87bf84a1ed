//! A host with an agent, an app, and its containers.

use bytes::Bytes;
use dockeeper_config::{
    bundle::BundleFile,
    rollout::everyone,
    store::{Edit, Publication, Store},
};
use dockeeper_model::{
    config::{Ack, AppName, Applied, Step},
    decode, layout,
};
use dockeeper_testbed::{Host, IMAGE, Process, Testbed, wait};
use dockeeper_zk_client::{Client, Config};
use std::time::Duration;

/// For what takes a moment, on a machine with other things to do.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// The program under test.
const DOCKEEPER: &str = env!("CARGO_BIN_EXE_dockeeper");

/// Long enough for an agent to be killed and started again within.
const SESSION_TIMEOUT: &str = "8s";

/// Says what it is told of: SIGHUP has it read its file.
const READER: &str = "trap 'cat /etc/web/app.conf > /tmp/seen' HUP; while :; do sleep 0.05; done";

pub(crate) struct World {
    pub(crate) testbed: Testbed,
    pub(crate) agent: Process,
    pub(crate) client: Client,
    pub(crate) app: AppName,
}

impl World {
    pub(crate) async fn start() -> Self {
        let builder = Testbed::builder().hosts(1).zookeepers(1);
        let testbed = builder.start().await.unwrap();
        let servers = format!("{}/dockeeper", testbed.zookeeper().connect_string());
        let client = Client::connect(Config::new(servers.parse().unwrap()));
        let agent = agent(&testbed);
        let world = Self {
            testbed,
            agent,
            client,
            app: "web".parse().unwrap(),
        };
        world.is_up().await;
        world
    }

    pub(crate) fn host(&self) -> &Host {
        self.testbed.host(0)
    }

    /// Waits until the agent is registered.
    pub(crate) async fn is_up(&self) {
        let node = layout::node(&self.host().node().name().parse().unwrap());
        wait::until("the agent", LIMIT, async || {
            match self.client.exists(&node).await {
                Ok(Some(_)) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await
        .unwrap();
    }

    pub(crate) async fn kill_agent(&self) {
        self.agent.kill().await.unwrap();
    }

    pub(crate) fn start_agent(&mut self) {
        self.agent = agent(&self.testbed);
    }

    /// Publishes files for everyone at once.
    pub(crate) async fn publish(&self, files: &[(&str, &str)]) {
        let file = |(path, content): &(&str, &str)| {
            let content = Bytes::copy_from_slice(content.as_bytes());
            let (mode, uid, gid) = (0o644, 0, 0);
            let file = BundleFile {
                mode,
                uid,
                gid,
                content,
            };
            (path.parse().unwrap(), file)
        };
        let publication = Publication {
            edit: Edit::Apply(files.iter().map(file).collect()),
            by: "test".to_owned(),
            message: String::new(),
            now_ms: 1,
            expect: None,
        };
        let published = Store::new(&self.client)
            .publish(&self.app, &publication, |begun| {
                everyone(begun.before, begun.release.release, "", 1)
            })
            .await;
        published.unwrap();
    }

    /// Runs a container that has the app's volume.
    pub(crate) async fn run(&self, name: &str, labels: &[&str]) -> String {
        self.try_run(name, labels).await.unwrap()
    }

    pub(crate) async fn try_run(&self, name: &str, labels: &[&str]) -> Result<String, String> {
        self.try_run_script(name, labels, READER).await
    }

    pub(crate) async fn try_run_script(
        &self,
        name: &str,
        labels: &[&str],
        script: &str,
    ) -> Result<String, String> {
        let mut arguments = vec!["run", "--detach", "--name", name, "--network", "none"];
        arguments.extend(["--volume-driver", "dockeeper"]);
        arguments.extend(["--volume", "web:/etc/web:ro"]);
        for label in labels {
            arguments.extend(["--label", label]);
        }
        arguments.extend([IMAGE, "sh", "-c", script]);
        let ran = self.host().docker(&arguments).await;
        ran.map_err(|error| error.to_string())
    }

    pub(crate) async fn shell(&self, container: &str, script: &str) -> String {
        let arguments = ["exec", container, "sh", "-c", script];
        let ran = self.host().docker(&arguments).await;
        ran.unwrap_or_else(|error| error.to_string())
    }

    /// Waits until a command in a container says this.
    pub(crate) async fn until_says(&self, container: &str, script: &str, expected: &str) {
        let what = format!("{expected:?} of `{script}` in {container}");
        wait::until(what, LIMIT, async || {
            match self.shell(container, script).await {
                said if said == expected => Ok(()),
                said => Err(said),
            }
        })
        .await
        .unwrap();
    }

    /// What ZooKeeper says of a container.
    pub(crate) async fn ack(&self, container: &str) -> Option<Ack> {
        let node = self.host().node().name().parse().unwrap();
        let path = layout::applied_by(&self.app, &node);
        let (content, _) = self.client.get(&path).await.ok()?;
        let applied: Applied = decode(&content).unwrap();
        let mut acks = applied.containers.into_values();
        acks.find(|ack| ack.name == container)
    }

    /// Waits until ZooKeeper says of a container that it came to this with a release.
    pub(crate) async fn until_ack(&self, container: &str, target: u64, step: Step) -> Ack {
        let what = format!("{container} {} with release {target}", step.as_str());
        wait::until(what, LIMIT, async || match self.ack(container).await {
            Some(ack) if (ack.target, ack.step) == (target, step) => Ok(ack),
            other => Err(format!("{other:?}")),
        })
        .await
        .unwrap()
    }

    /// Waits until ZooKeeper says nothing of a container.
    pub(crate) async fn until_forgotten(&self, container: &str) {
        let what = format!("nothing of {container}");
        wait::until(what, LIMIT, async || match self.ack(container).await {
            None => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await
        .unwrap();
    }

    pub(crate) async fn stop(self) {
        self.testbed.shutdown().await.unwrap();
    }
}

fn agent(testbed: &Testbed) -> Process {
    let host = testbed.host(0);
    let zk = testbed.zookeeper().connect_string();
    let folder = host.node().directory();
    let (state, socket) = (folder.join("state"), folder.join("agent.sock"));
    let arguments = [
        "agent",
        "--zk",
        &zk,
        "--node",
        host.node().name(),
        "--state-dir",
        state.to_str().unwrap(),
        "--socket",
        socket.to_str().unwrap(),
        "--session-timeout",
        SESSION_TIMEOUT,
        "--log-level",
        "info,dockeeper_config=debug",
    ];
    host.spawn(DOCKEEPER, &arguments, &[]).unwrap()
}
