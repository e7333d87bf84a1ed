//! A server, and what lies there.

use crate::program::{self, Ended};
use dockeeper_model::{
    ContainerRecord, Instance, NodeRecord,
    container::InstanceStatus,
    encode,
    instance::{Origin, Payload, WEIGHT_DEFAULT},
    layout,
    node::EngineInfo,
};
use dockeeper_testbed::Testbed;
use dockeeper_zk_client::{Client, Config, CreateMode, path};

/// A server with a client below the default chroot.
pub(crate) struct World {
    pub(crate) testbed: Testbed,
    pub(crate) client: Client,
    /// Where the server is, without a chroot.
    pub(crate) address: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        let builder = Testbed::builder().hosts(0).zookeepers(1);
        let builder = builder.java_flag("-Dzookeeper.enforceQuota=true");
        let builder = builder.keeper_flag("--enforce-quotas");
        let testbed = builder.start().await.unwrap();
        let address = testbed.zookeeper().connect_string();
        let root = Client::connect(Config::new(address.parse().unwrap()));
        root.create("/dockeeper", "", CreateMode::Persistent)
            .await
            .unwrap();
        root.close().await;
        let servers = format!("{address}/dockeeper").parse().unwrap();
        Self {
            client: Client::connect(Config::new(servers)),
            testbed,
            address,
        }
    }

    /// Runs a command against the server, below the default chroot.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_at(&self.address, arguments).await
    }

    /// Runs a command with another address.
    pub(crate) async fn run_at(&self, address: &str, arguments: &[&str]) -> Ended {
        let mut command = program::dockeeper(arguments);
        command.env("DOCKEEPER_ZK", address).env("USER", "tester");
        let output = tokio::task::spawn_blocking(move || command.output());
        output.await.unwrap().unwrap().into()
    }

    /// Writes a record as an agent does.
    pub(crate) async fn put(&self, path: &str, content: impl Into<Vec<u8>>) {
        let parent = path::parent(path).unwrap();
        self.client
            .create_all(parent, CreateMode::Container)
            .await
            .unwrap();
        let content = content.into();
        let created = self
            .client
            .create(path, content.clone(), CreateMode::Ephemeral)
            .await;
        if created.is_err() {
            self.client.set(path, content, None).await.unwrap();
        }
    }

    pub(crate) async fn put_node(&self, name: &str, address: &str) {
        let record = NodeRecord {
            address: address.to_owned(),
            agent_version: "0.1.0".to_owned(),
            agent_started_ms: 1_700_000_000_000,
            engine: Some(EngineInfo {
                version: "20.10.24".to_owned(),
                cpus: 4,
                memory_bytes: 8 << 30,
                ..EngineInfo::default()
            }),
            ..NodeRecord::default()
        };
        self.put(&layout::node(&name.parse().unwrap()), encode(&record))
            .await;
    }

    /// A container that serves `web`, found unless it is `withheld`.
    pub(crate) async fn put_container(&self, node: &str, digit: &str, withheld: Option<&str>) {
        let record = container(digit, withheld);
        let id = digit.repeat(64);
        self.put(
            &layout::container(&node.parse().unwrap(), &id),
            encode(&record),
        )
        .await;
        let instance = instance(node, digit);
        let path = layout::instance(&instance.service, &instance.id);
        if withheld.is_none() {
            self.put(&path, instance.encode(Payload::None)).await;
        }
    }

    pub(crate) async fn remove(&self, path: &str) {
        self.client.delete(path, None).await.unwrap();
    }

    pub(crate) async fn end(self) {
        self.client.close().await;
        self.testbed.shutdown().await.unwrap();
    }
}

pub(crate) fn container(digit: &str, withheld: Option<&str>) -> ContainerRecord {
    ContainerRecord {
        name: format!("web-{digit}"),
        image: "nginx".to_owned(),
        state: "running".to_owned(),
        health: "none".to_owned(),
        started_ms: 1_700_000_000_000,
        instances: vec![InstanceStatus {
            service: "web".parse().unwrap(),
            id: format!("web-{digit}:80").parse().unwrap(),
            endpoint: format!("10.0.0.{digit}:80"),
            withheld: withheld.map(str::to_owned),
        }],
        ..ContainerRecord::default()
    }
}

fn instance(node: &str, digit: &str) -> Instance {
    Instance {
        service: "web".parse().unwrap(),
        id: format!("web-{digit}:80").parse().unwrap(),
        address: format!("10.0.0.{digit}"),
        port: Some(80),
        weight: WEIGHT_DEFAULT,
        registered_ms: 1_700_000_000_000,
        origin: Some(Origin {
            node: node.to_owned(),
            container: digit.repeat(64),
            container_name: format!("web-{digit}"),
            image: "nginx".to_owned(),
            container_port: 80,
            protocol: "tcp".to_owned(),
            tags: vec!["blue".to_owned(), format!("v{digit}")],
            ..Origin::default()
        }),
    }
}
