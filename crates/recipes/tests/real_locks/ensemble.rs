//! Locks on an ensemble of three whose servers lose each other.

use crate::{
    clients::{config, connect},
    world::{World, lost, outcome},
};
use dockeeper_recipes::{Lost, Options, mutex};
use dockeeper_zk_client::{Client, Config};
use std::time::Duration;

const LOCK: &str = "/locks/ensemble";

/// Shorter than the three seconds (`syncLimit`) for which a server without its leader goes on
/// answering pings.
const SESSION: Duration = Duration::from_secs(2);

/// The pings of its clients are answered for longer than the leader keeps their sessions: they prove
/// nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_holder_whose_server_is_cut_off_knows_before_the_next_one_holds() {
    let world = World::of(3).await;
    let servers = world.testbed.zookeeper().servers();
    let leader = world.testbed.zookeeper().leader().await.unwrap();
    let is_leader = |server: &&_| std::ptr::eq(*server, leader);
    let cut_off = servers.iter().find(|server| !is_leader(server)).unwrap();
    let alone = |address: std::net::SocketAddr| Config {
        session_timeout: SESSION,
        ..config(&address.to_string())
    };
    let client: Client = connect(alone(cut_off.address())).await;
    let held = mutex::acquire(&client, LOCK, &Options::default())
        .await
        .unwrap();
    let next = connect(alone(leader.address())).await;
    let next = tokio::spawn(async move { mutex::acquire(&next, LOCK, &Options::default()).await });
    world.has_children(LOCK, 2).await;

    for other in servers
        .iter()
        .filter(|server| !std::ptr::eq(*server, cut_off))
    {
        world.testbed.cut(cut_off, other).await.unwrap();
    }
    let why = lost(&held).await;
    assert_eq!((why, next.is_finished()), (Lost::LeaseOver, false));
    let next = outcome("the next one's turn", next).await.unwrap();
    assert!(next.token() > held.token());
    world.stop().await;
}
