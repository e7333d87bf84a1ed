use crate::{
    log::Lines,
    raw::{Raw, create, get, request, set},
    world::{LIMIT, World},
};
use dockeeper_keeper::server::limits::{
    REQUESTS_IN_FLIGHT_MAX_DEFAULT, UNSENT_MAX, UNSENT_TOTAL_MAX,
};
use dockeeper_zk_proto::{
    multi::{MultiReadRequest, ReadOp},
    watch::{AddWatchMode, AddWatchRequest},
};
use std::time::Duration;
use tokio::{
    net::TcpSocket,
    time::{sleep, timeout},
};

/// How long the path is that the events tell: long, so that there need not be many.
const PATH_LEN: usize = 100_000;

/// How much memory this process uses.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    let kib = line.split_whitespace().nth(1).unwrap();
    kib.parse::<usize>().unwrap() * 1024
}

#[tokio::test]
async fn a_slow_reader_of_large_replies_is_served_at_its_own_pace() {
    let world = World::start().await;
    let mut raw = world.session().await;
    let data = vec![1; 500_000];
    raw.call(&create("/large", &data)).await.unwrap();
    let before = resident();
    // 400 MB of replies, if they were made at once.
    let count = 800;
    for number in 0..count {
        raw.write(&request(number, &get("/large", false))).await;
    }
    sleep(Duration::from_millis(500)).await;
    let grown = resident().saturating_sub(before);
    assert!(grown < 100 << 20, "{grown} bytes more");
    for number in 0..count {
        assert_eq!(raw.reply().await.unwrap().0.xid, number);
    }
}

#[tokio::test]
async fn a_watcher_that_does_not_read_is_closed() {
    let world = World::start().await;
    let mut watcher = world.session().await;
    let path = format!("/{}", "p".repeat(PATH_LEN));
    let mut writer = world.session().await;
    writer.call(&create(&path, b"")).await.unwrap();
    let mode = AddWatchMode::PersistentRecursive;
    watcher
        .call(&AddWatchRequest {
            path: path.clone(),
            mode,
        })
        .await
        .unwrap();
    // More than the system's buffers and the server's bound together.
    let events = (4 * UNSENT_MAX / PATH_LEN).next_multiple_of(10);
    let write = async {
        for number in 0..events {
            let number = i32::try_from(number).unwrap();
            writer.write(&request(number, &set(&path, b""))).await;
            if number % 10 == 9 {
                for _ in 0..10 {
                    writer.reply().await.unwrap();
                }
            }
        }
    };
    timeout(LIMIT, write).await.unwrap();
    while world
        .ask("cons")
        .await
        .lines()
        .filter(|line| line.contains("sid="))
        .count()
        > 1
    {
        sleep(Duration::from_millis(20)).await;
    }
    assert!(writer.call(&get(&path, false)).await.is_ok());
    assert!(world.ask("wchs").await.contains("Total watches:0"));
}

/// A connection that takes in as little as the system allows.
async fn small(world: &World) -> Raw {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    let mut raw = Raw::over(socket.connect(world.address()).await.unwrap());
    raw.begin(10_000).await;
    raw
}

#[tokio::test]
async fn many_slow_readers_of_one_long_reply_each_are_bounded_together() {
    let lines = Lines::default();
    let _guard = lines.capture();
    let world = World::start().await;
    let mut other = world.session().await;
    let len = 500_000;
    other.call(&create("/large", &vec![1; len])).await.unwrap();
    // Shorter than the bound of one connection.
    let reads = UNSENT_MAX / len - 2;
    let long = MultiReadRequest {
        ops: vec![ReadOp::GetData(get("/large", false)); reads],
    };
    let count = 2 * UNSENT_TOTAL_MAX / (reads * len);
    let before = resident();
    let mut readers = Vec::new();
    for _ in 0..count {
        let mut reader = small(&world).await;
        reader.write(&request(1, &long)).await;
        readers.push(reader);
    }
    // Somebody who reads is served, behind all of them.
    assert!(other.call(&get("/large", false)).await.is_ok());
    let grown = resident().saturating_sub(before);
    // The allocator keeps some of what was freed.
    assert!(grown < UNSENT_TOTAL_MAX / 2 * 3, "{grown} bytes more");
    let word = async {
        while lines.of("a slow connection is closed").is_empty() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LIMIT, word).await.expect("the log does not say so");
}

#[tokio::test]
async fn unanswered_requests_are_bounded() {
    let world = World::start().await;
    let mut raw = world.session().await;
    raw.call(&create("/n", b"")).await.unwrap();
    // Far more than may be in flight: the server stops reading, and goes on.
    let count = i32::try_from(10 * REQUESTS_IN_FLIGHT_MAX_DEFAULT).unwrap();
    let mut wire = Vec::new();
    for number in 0..count {
        wire.extend_from_slice(&request(number, &set("/n", b"x")));
    }
    raw.write(&wire).await;
    for number in 0..count {
        assert_eq!(raw.reply().await.unwrap().0.xid, number);
    }
}
