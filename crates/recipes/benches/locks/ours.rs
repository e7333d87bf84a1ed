//! Dockeeper's mutex.

use crate::{Crowd, QUIET};
use dockeeper_recipes::{Held, Options, mutex};
use dockeeper_zk_client::{Client, Config};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

const LOCK: &str = "/locks/bench";

/// What a hand-over takes.
pub(crate) async fn hand_overs(server: SocketAddr, crowd: Crowd) -> Duration {
    let clients: Vec<_> = (0..crowd.sessions()).map(|_| connect(server)).collect();
    let first = acquire(&clients[0]).await;
    let mut waiting = JoinSet::new();
    let count = crowd.waiters.get() as usize;
    for client in clients.iter().cycle().take(count) {
        let client = client.clone();
        waiting.spawn(async move {
            let held = acquire(&client).await;
            let acquired = Instant::now();
            held.release().await.unwrap();
            acquired
        });
    }
    while clients[0].list(LOCK).await.unwrap().0.len() <= count {
        sleep(Duration::from_millis(20)).await;
    }
    sleep(QUIET).await;
    let began = Instant::now();
    first.release().await.unwrap();
    let acquired = waiting.join_all().await;
    let last = acquired.into_iter().max().unwrap();
    for client in clients {
        client.close().await;
    }
    (last - began) / crowd.waiters.get()
}

pub(crate) fn connect(server: SocketAddr) -> Client {
    Client::connect(Config::new(server.to_string().parse().unwrap()))
}

pub(crate) async fn acquire(client: &Client) -> Held {
    let options = Options::default();
    mutex::acquire(client, LOCK, &options).await.unwrap()
}
