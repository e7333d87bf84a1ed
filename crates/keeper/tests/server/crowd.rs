use crate::{
    raw::{create, get},
    world::{LIMIT, World},
};
use dockeeper_keeper::server::limits;
use rustix::process::{Resource, getrlimit, setrlimit};
use std::{io::ErrorKind, time::Duration};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

#[tokio::test]
async fn as_many_connections_as_may_be() {
    let world = World::start_with(|config| config.connections_per_address_max = 3).await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(world.session().await);
    }
    let mut refused = world.raw().await;
    assert!(refused.is_closed().await);
    sessions.pop();
    // The server learns of it when it reads the end.
    sleep(Duration::from_millis(100)).await;
    sessions.push(world.session().await);
    let mut refused = world.raw().await;
    assert!(refused.is_closed().await);
}

#[tokio::test]
async fn in_all_too() {
    let world = World::start_with(|config| config.connections_max = 2).await;
    let sessions = (world.session().await, world.session().await);
    assert!(world.raw().await.is_closed().await);
    drop(sessions);
}

/// How many connections that say nothing there are, where this process may have as many files.
const SILENT: usize = 10_000;

/// How many there are at least: twice what the server keeps.
const SILENT_MIN: usize = 2 * limits::SILENT_MAX;

/// Files that are not those of the silent clients: the server's ends, and all else.
const FILES_RESERVED: usize = limits::SILENT_MAX + 500;

/// Raises the limit of open files as far as may be, and says how many silent clients it allows.
fn silent_clients() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    let files = limit
        .current
        .map_or(usize::MAX, |files| usize::try_from(files).unwrap());
    let count = SILENT.min(files.saturating_sub(FILES_RESERVED));
    assert!(
        count >= SILENT_MIN,
        "{files} open files are too few for this test"
    );
    count
}

/// How many of them the server has closed, without waiting for any.
fn closed(clients: &[TcpStream]) -> usize {
    let is_closed = |client: &&TcpStream| match client.try_read(&mut [0]) {
        Ok(_) => true,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    };
    clients.iter().filter(is_closed).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_say_nothing_keep_nobody_out() {
    let count = silent_clients();
    let world = World::start_with(|config| {
        config.connections_per_address_max = 0;
        config.connections_max = limits::SILENT_MAX + 100;
    })
    .await;
    let mut client = world.session().await;
    client.call(&create("/a", b"")).await.unwrap();
    let mut silent = Vec::new();
    for number in 0..count {
        silent.push(TcpStream::connect(world.address()).await.unwrap());
        if number % 1000 == 0 {
            // Those who were there and those who come are served meanwhile.
            client.call(&get("/a", false)).await.unwrap();
            world.session().await.call(&get("/a", false)).await.unwrap();
        }
    }
    let evicted = timeout(LIMIT, async {
        while closed(&silent) < count - limits::SILENT_MAX {
            client.call(&get("/a", false)).await.unwrap();
        }
    });
    evicted.await.expect("the oldest silent ones give way");
    let alive = world.ask("mntr").await;
    let alive = alive
        .lines()
        .find_map(|line| line.strip_prefix("zk_num_alive_connections\t"));
    assert!(alive.unwrap().parse::<usize>().unwrap() <= limits::SILENT_MAX + 100);
}

/// The time passes whenever nothing else happens.
#[tokio::test(start_paused = true)]
async fn who_has_not_said_who_it_is_in_time_is_hung_up_on() {
    let world = World::start().await;
    let mut silent = world.raw().await;
    let mut halfway = world.raw().await;
    halfway.write(&44_i32.to_be_bytes()).await;
    assert!(silent.is_closed().await && halfway.is_closed().await);
}
