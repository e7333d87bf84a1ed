//! A host's agent, as far as the controller sees it.

use crate::world::now_ms;
use dockeeper_model::{
    ContainerRecord, NodeName,
    config::{Ack, AppName, Applied, ContainerRef, Rollout, Step},
    decode, encode, layout,
};
use dockeeper_zk_client::{Client, CreateMode, OneShot};
use std::collections::BTreeMap;
use tokio::{
    sync::watch,
    task::{self, AbortHandle},
};

/// How containers take what they are given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    Well,
    /// With this release they fall ill, for this reason.
    IllWith(u64, &'static str),
    /// Nothing of this release is said.
    Silent(u64),
}

/// A host with some containers, whose agent lives until this is dropped.
pub(crate) struct Host {
    pub(crate) nature: watch::Sender<Nature>,
    client: Client,
    task: AbortHandle,
}

struct Agent {
    client: Client,
    app: AppName,
    node: NodeName,
    applied: Applied,
    nature: watch::Receiver<Nature>,
}

impl Host {
    /// The containers are called after their host; the first of each has the label `canary`.
    pub(crate) async fn start(client: Client, app: &AppName, number: usize, count: usize) -> Self {
        let node: NodeName = format!("h{number}").parse().unwrap();
        let parent = layout::containers(&node);
        client
            .create_all(&parent, CreateMode::Persistent)
            .await
            .unwrap();
        let mut containers = BTreeMap::new();
        for index in 0..count {
            let id = format!("{number:06x}{index:06x}").repeat(5);
            let mut record = ContainerRecord {
                name: format!("web-{number}-{index}"),
                ..ContainerRecord::default()
            };
            if index == 0 {
                record.labels.insert("canary".to_owned(), String::new());
            }
            let path = layout::container(&node, &id);
            let mode = CreateMode::Ephemeral;
            client.create(&path, encode(&record), mode).await.unwrap();
            containers.insert(id.parse::<ContainerRef>().unwrap(), fresh(record.name));
        }
        let nature = watch::Sender::new(Nature::Well);
        let agent = Agent {
            client: client.clone(),
            app: app.clone(),
            node,
            applied: Applied { containers },
            nature: nature.subscribe(),
        };
        let task = task::spawn(agent.run()).abort_handle();
        Self {
            nature,
            client,
            task,
        }
    }

    /// It dies, and its session has expired already.
    pub(crate) async fn die(self) {
        self.task.abort();
        self.client.clone().close().await;
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Agent {
    async fn run(mut self) {
        let path = layout::applied_by(&self.app, &self.node);
        let mode = CreateMode::Ephemeral;
        self.client
            .create(&path, encode(&self.applied), mode)
            .await
            .unwrap();
        loop {
            let (rollout, changed) = self.read().await;
            let nature = self.nature.borrow_and_update().clone();
            for (container, ack) in &mut self.applied.containers {
                apply(&rollout, &nature, container, ack);
            }
            self.client
                .set(&path, encode(&self.applied), None)
                .await
                .unwrap();
            tokio::select! {
                _ = changed.fired() => {}
                Ok(()) = self.nature.changed() => {}
            }
        }
    }

    async fn read(&self) -> (Rollout, OneShot) {
        let path = layout::rollout(&self.app);
        let (content, _, changed) = self.client.get_and_watch(&path).await.unwrap();
        (decode(&content).unwrap(), changed)
    }
}

fn fresh(name: String) -> Ack {
    Ack {
        name,
        running: None,
        digest: None,
        target: 0,
        step: Step::Waiting,
        reason: String::new(),
        since_ms: now_ms(),
    }
}

fn apply(rollout: &Rollout, nature: &Nature, container: &ContainerRef, ack: &mut Ack) {
    let release = rollout.release_for(container, ack.running);
    let reason = match nature {
        Nature::Silent(silent) if *silent == release => return,
        Nature::IllWith(bad, reason) if *bad == release => reason,
        _ => "",
    };
    ack.step = if reason.is_empty() {
        Step::Healthy
    } else {
        Step::Failed
    };
    (ack.target, ack.running, ack.reason) = (release, Some(release), reason.to_owned());
}
