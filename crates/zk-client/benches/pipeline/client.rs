//! The client under load.

use crate::workload::{NODE, PARENT, Workload};
use bytes::Bytes;
use dockeeper_zk_client::{Client, Config, CreateMode, Multi};
use std::net::SocketAddr;
use tokio::task::JoinSet;

pub(crate) async fn prepare(address: SocketAddr) -> Client {
    let client = Client::connect(Config::new(address.to_string().parse().unwrap()));
    let mode = CreateMode::Persistent;
    client.create(PARENT, "", mode).await.unwrap();
    let data = Workload::Gets.data();
    client.create(NODE, data, mode).await.unwrap();
    client
}

pub(crate) async fn run(client: Client, workload: Workload) {
    let data = Bytes::from(workload.data());
    let callers = workload.callers();
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let (client, data) = (client.clone(), data.clone());
        tasks.spawn(async move {
            for _ in 0..workload.count() / callers {
                once(&client, workload, data.clone()).await;
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

async fn once(client: &Client, workload: Workload, data: Bytes) {
    match workload {
        Workload::Creates => {
            let mode = CreateMode::PersistentSequential;
            let path = format!("{PARENT}/n-");
            client.create(&path, data, mode).await.unwrap();
        }
        Workload::Gets => {
            client.get(NODE).await.unwrap();
        }
        Workload::Multis => {
            let multi = (0..workload.batch())
                .fold(Multi::new(), |multi, _| multi.set(NODE, data.clone(), None));
            client.multi(multi).await.unwrap();
        }
        Workload::Sets | Workload::LargeSets | Workload::Sequence => {
            client.set(NODE, data, None).await.unwrap();
        }
    }
}
