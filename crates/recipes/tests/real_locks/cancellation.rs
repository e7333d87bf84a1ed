//! Whatever is cancelled, wherever it stands, leaves nothing behind.

use crate::{
    clients::{LIMIT, SESSION},
    world::{World, named},
};
use dockeeper_recipes::{Naming, election, mutex, rwlock, semaphore};
use dockeeper_testbed::wait;
use dockeeper_zk_client::Client;
use fastrand::Rng;
use std::{num::NonZeroU32, time::Duration};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

const NAMINGS: [Naming; 2] = [Naming::Curator, Naming::Kazoo];

/// Where contenders' znodes are.
fn parents(naming: Naming) -> [String; 5] {
    let semaphore = format!("/{naming}/semaphore");
    let (leases, guards) = match naming {
        Naming::Curator => (format!("{semaphore}/leases"), format!("{semaphore}/locks")),
        Naming::Kazoo => (semaphore.clone(), format!("{semaphore}-__lock__")),
    };
    let [lock, shared, election] =
        ["lock", "shared", "election"].map(|name| format!("/{naming}/{name}"));
    [lock, shared, election, leases, guards]
}

/// Acquires something and drops it at any time: while it waits, holds or releases. Whether it held.
async fn dabble(client: &Client, rng: &mut Rng) -> bool {
    let naming = NAMINGS[rng.usize(0..2)];
    let options = named(naming);
    let [lock, shared, election, ..] = parents(naming);
    let semaphore = format!("/{naming}/semaphore");
    let permits = NonZeroU32::new(2).unwrap();
    let what = rng.u8(0..5);
    let hold = Duration::from_micros(rng.u64(0..2000));
    let limit = Duration::from_micros(rng.u64(0..16_000));
    let mut has_held = false;
    let acquire = async {
        let held = match what {
            0 => mutex::acquire(client, &lock, &options).await,
            1 => rwlock::acquire_shared(client, &shared, &options).await,
            2 => rwlock::acquire_exclusive(client, &shared, &options).await,
            3 => election::campaign(client, &election, &options).await,
            _ => semaphore::acquire(client, &semaphore, permits, &options).await,
        };
        let held = held.unwrap();
        has_held = true;
        sleep(hold).await;
        held.release().await.unwrap();
    };
    drop(timeout(limit, acquire).await);
    has_held
}

async fn nothing_is_left(world: &World) {
    wait::until("no znode of any contender", LIMIT, async || {
        let mut left = Vec::new();
        for parent in NAMINGS.into_iter().flat_map(parents) {
            left.extend(world.children(&parent).await);
        }
        if left.is_empty() {
            Ok(())
        } else {
            Err(format!("{left:?}"))
        }
    })
    .await
    .unwrap();
}

async fn dabblers(world: &World, clients: &[Client], rounds: usize) {
    let mut dabblers = JoinSet::new();
    for (seed, client) in (0..).zip(clients.iter().cycle().take(12)) {
        let client = client.clone();
        dabblers.spawn(async move {
            let mut rng = Rng::with_seed(seed);
            let mut held = 0;
            for _ in 0..rounds {
                held += usize::from(dabble(&client, &mut rng).await);
            }
            held
        });
    }
    let held: usize = dabblers.join_all().await.into_iter().sum();
    assert!(held > 0, "nobody ever held anything");
    nothing_is_left(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_leaves_nothing_behind() {
    let world = World::start().await;
    let clients = [world.client().await, world.client().await];
    dabblers(&world, &clients, 150).await;
    world.stop().await;
}

/// The same while connections break, so that nobody knows what became of a creation.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_leaves_nothing_behind_on_connections_that_break() {
    let world = World::start().await;
    let (proxy, client) = world.proxied(SESSION).await;
    let cutting = tokio::spawn(async move {
        let mut rng = Rng::with_seed(7);
        loop {
            sleep(Duration::from_millis(rng.u64(1..40))).await;
            proxy.sever();
        }
    });
    let clients = [client, world.client().await];
    dabblers(&world, &clients, 100).await;
    cutting.abort();
    world.stop().await;
}
