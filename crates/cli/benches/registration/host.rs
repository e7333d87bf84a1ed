use crate::measure::{ms_between, now_ns};
use dockeeper_engine::{Action, ContainerId, Docker, Engine, Event, Since, docker};
use dockeeper_testbed::{Host, IMAGE, Process, Testbed, wait};
use dockeeper_zk_client::{
    AddWatchMode, Client, Config, CreateMode, Event as ZkEvent, EventKind, Notice, Watcher,
};
use futures_util::StreamExt;
use std::{ops::Range, time::Duration};

const LIMIT: Duration = Duration::from_secs(60);

/// A Docker host, and a session of the benchmark's own.
pub(crate) struct Bench<'a> {
    host: &'a Host,
    servers: String,
    client: Client,
    /// Sees what is created, on a session of its own, as a reader would.
    observer: Client,
    engine: Docker,
    target: ContainerId,
}

impl<'a> Bench<'a> {
    pub(crate) async fn new(testbed: &'a Testbed) -> Self {
        let host = testbed.host(0);
        let servers = testbed.zookeeper().connect_string();
        let connect = || {
            let chrooted = format!("{servers}/dockeeper").parse().unwrap();
            Client::connect(Config::new(chrooted))
        };
        let root = Client::connect(Config::new(servers.parse().unwrap()));
        root.create_all("/dockeeper/raw", CreateMode::Persistent)
            .await
            .unwrap();
        root.create_all("/dockeeper/services", CreateMode::Persistent)
            .await
            .unwrap();
        root.close().await;
        let config = docker::Config {
            host: Some(format!("unix://{}", host.docker_socket().display())),
            ..docker::Config::default()
        };
        let mut create = vec![
            "create",
            "--init",
            "--name",
            "target",
            "--publish",
            "8080:80",
        ];
        create.extend(["--env", "SERVICE_NAME=target", IMAGE, "sleep", "3600"]);
        let target = host.docker(&create).await.unwrap().parse().unwrap();
        Self {
            host,
            client: connect(),
            observer: connect(),
            engine: Docker::new(&config).unwrap(),
            target,
            servers,
        }
    }

    /// Starts further containers, which publish a port each.
    pub(crate) async fn populate(&self, numbers: Range<usize>) {
        for number in numbers {
            let publish = format!("{}:80", 9000 + number);
            let mut run = vec!["run", "--detach", "--init", "--publish", &publish];
            run.extend([IMAGE, "sleep", "3600"]);
            self.host.docker(&run).await.unwrap();
        }
    }

    /// The raw path: inspect, create, seen by an observer. Times in milliseconds.
    pub(crate) async fn raw(&self, samples: usize) -> Vec<f64> {
        let mut watcher = self.observe("/raw").await;
        let mut events = self.engine.events(Since::NOW).await.unwrap();
        let mut times = Vec::with_capacity(samples);
        for number in 0..samples {
            let path = format!("/raw/{number}");
            let (_, started) = tokio::join!(self.start(), async {
                let started = next_start(&mut events, self.target).await;
                let container = self.engine.inspect(&self.target).await.unwrap().unwrap();
                let content = container.name.repeat(100);
                let create = self.client.create(&path, content, CreateMode::Ephemeral);
                create.await.unwrap();
                started
            });
            times.push(ms_between(started.time_ns, seen(&mut watcher, &path).await));
            self.client.delete(&path, None).await.unwrap();
            self.stop().await;
        }
        times
    }

    /// The agent's path: whatever it does, seen by an observer. Times in milliseconds.
    pub(crate) async fn registered(&self, samples: usize) -> Vec<f64> {
        let mut watcher = self.observe("/services").await;
        let mut events = self.engine.events(Since::NOW).await.unwrap();
        let path = "/services/target/bench:target:80";
        let mut times = Vec::with_capacity(samples);
        for _ in 0..samples {
            let (_, started, seen_ns) = tokio::join!(
                self.start(),
                next_start(&mut events, self.target),
                seen(&mut watcher, path)
            );
            times.push(ms_between(started.time_ns, seen_ns));
            self.stop().await;
            let gone = async || match self.observer.exists(path).await.unwrap() {
                None => Ok(()),
                Some(_) => Err("still there".to_owned()),
            };
            wait::until("the end of the instance", LIMIT, gone)
                .await
                .unwrap();
        }
        times
    }

    /// Starts the agent, and waits until so many containers are registered.
    pub(crate) async fn start_agent(&self, containers: usize) -> Process {
        let state = self.host.node().directory().join("state");
        let state = state.to_str().unwrap();
        let mut arguments = vec!["agent", "--zk", &self.servers, "--node", "bench"];
        arguments.extend(["--state-dir", state]);
        let agent = self
            .host
            .spawn(env!("CARGO_BIN_EXE_dockeeper"), &arguments, &[])
            .unwrap();
        let registered = async || match self.observer.list("/containers/bench").await {
            Ok((found, _)) if found.len() == containers => Ok(()),
            other => Err(format!("{other:?}")),
        };
        wait::until("all containers", LIMIT, registered)
            .await
            .unwrap();
        agent
    }

    pub(crate) async fn end_agent(&self, agent: Process) {
        agent.terminate().unwrap();
        agent.wait(LIMIT).await.unwrap();
    }

    async fn observe(&self, path: &str) -> Watcher {
        let mode = AddWatchMode::PersistentRecursive;
        let mut watcher = self.observer.watch(path, mode).await.unwrap();
        // Events are told only behind the first notice.
        assert_eq!(watcher.next().await, Some(Notice::Resync));
        watcher
    }

    async fn start(&self) {
        self.host.docker(&["start", "target"]).await.unwrap();
    }

    async fn stop(&self) {
        self.host.docker(&["kill", "target"]).await.unwrap();
    }
}

async fn next_start(events: &mut docker::Events, id: ContainerId) -> Event {
    loop {
        let event = events.next().await.unwrap().unwrap();
        if event.id == id && event.action == Action::Start {
            return event;
        }
    }
}

/// When the creation of a znode is seen, in nanoseconds since 1970.
async fn seen(watcher: &mut Watcher, path: &str) -> i64 {
    let created = ZkEvent {
        kind: EventKind::Created,
        path: path.to_owned(),
    };
    while watcher.next().await.unwrap() != Notice::Event(created.clone()) {}
    now_ns()
}
