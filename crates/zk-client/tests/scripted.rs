//! A client against a server that follows a script: what no real server can be made to do at the
//! right moment.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod script;

use bytes::Bytes;
use dockeeper_zk_client::{
    Client, Closed, CreateMode, Ended, Error, ErrorCode, ErrorKind, EventKind, Notice, State,
    clock::TokioClock,
    error::{NotSent, Unknown},
};
use dockeeper_zk_proto::{
    OpCode, Stat,
    create::Create2Response,
    data::{GetDataRequest, GetDataResponse, SyncResponse},
    watch::{AddWatchMode, AddWatchRequest, AddWatchResponse, EventType, SetWatches2Request},
};
use script::{Peer, Server};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, timeout};

/// The session time-out that the script grants.
const SESSION: Duration = Duration::from_secs(4);

fn data(text: &'static str) -> GetDataResponse {
    GetDataResponse {
        data: Some(Bytes::from_static(text.as_bytes())),
        stat: Stat::default(),
    }
}

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind().clone()
}

async fn add_watch(peer: &mut Peer, mode: AddWatchMode) {
    let (xid, request) = peer.expect::<AddWatchRequest>(OpCode::AddWatch).await;
    assert_eq!(request.mode, mode);
    peer.reply(xid, &AddWatchResponse { err: 0 }).await;
}

#[tokio::test(start_paused = true)]
async fn a_closed_session_says_whether_a_server_was_told() {
    let close = async |answers: bool| {
        let (config, mut server) = Server::new();
        let client = Client::connect(config);
        let mut peer = server.accept().await;
        let closing = tokio::spawn(client.close());
        let xid = peer.expect_any(OpCode::CloseSession).await;
        if answers {
            peer.reply(xid, &()).await;
        }
        // Without an answer the connection stays, and nobody takes another.
        let closed = closing.await.unwrap();
        drop(peer);
        closed
    };
    assert_eq!(close(true).await, Closed::Ended);
    assert!(matches!(close(false).await, Closed::Untold { .. }));

    let (config, _server) = Server::new();
    let never_begun = Client::connect(config).close().await;
    assert_eq!(never_begun, Closed::Ended);
}

#[tokio::test(start_paused = true)]
async fn an_unsent_request_says_so_with_what_was_tried() {
    let (mut config, _server) = Server::new();
    config.request_timeout = Duration::from_secs(2);
    let client = Client::connect(config);
    let started = Instant::now();
    let error = client.get("/a").await.unwrap_err();
    assert_eq!(started.elapsed().as_secs(), 2);
    let ErrorKind::NotSent(NotSent::Deadline { attempts, .. }) = error.kind() else {
        panic!("{error}");
    };
    assert_eq!(attempts.len(), 1);
    assert!(
        error
            .to_string()
            .starts_with("get /a: not sent: not connected"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn of_a_write_on_a_broken_connection_nobody_knows() {
    let (config, mut server) = Server::new();
    let client = Client::connect(config);
    let write = tokio::spawn({
        let client = client.clone();
        async move { client.set("/a", "x", None).await }
    });
    let mut peer = server.accept().await;
    peer.expect_any(OpCode::SetData).await;
    drop(peer);
    let lost = ErrorKind::Unknown(Unknown::ConnectionLost);
    assert_eq!(kind(write.await.unwrap()), lost);

    // One that waits for the connection is not lost with the last one.
    let write = tokio::spawn(async move { client.create("/b", "", CreateMode::Ephemeral).await });
    let mut peer = server.accept().await;
    let xid = peer.expect_any(OpCode::Create2).await;
    let stat = Stat::default();
    let path = "/b".to_owned();
    peer.reply(xid, &Create2Response { path, stat }).await;
    assert_eq!(write.await.unwrap().unwrap().path, "/b");
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_left_and_a_read_goes_out_again() {
    let (config, mut server) = Server::new();
    let client = Client::connect(config);
    let read = tokio::spawn(async move { client.get("/a").await });
    let mut silent = server.accept().await;
    silent.expect_any(OpCode::GetData).await;
    let mut peer = server.accept().await;
    let (xid, request) = peer.expect::<GetDataRequest>(OpCode::GetData).await;
    assert_eq!(request.path, "/a");
    peer.reply(xid, &data("now")).await;
    assert_eq!(read.await.unwrap().unwrap().0, "now");
}

#[tokio::test(start_paused = true)]
async fn a_write_without_an_answer_is_unknown_at_its_deadline() {
    let (mut config, mut server) = Server::new();
    config.request_timeout = Duration::from_secs(1);
    let client = Client::connect(config);
    let write = tokio::spawn(async move { client.delete("/a", None).await });
    let mut peer = server.accept().await;
    peer.expect_any(OpCode::Delete).await;
    let error = write.await.unwrap().unwrap_err();
    let expected = ErrorKind::Unknown(Unknown::Deadline(Duration::from_secs(1)));
    assert_eq!(error.kind(), &expected);
    let text = "delete /a: outcome unknown: no answer within 1s; it may have taken effect";
    assert_eq!(error.to_string(), text);
}

#[tokio::test(start_paused = true)]
async fn a_read_without_an_answer_has_changed_nothing() {
    let (mut config, mut server) = Server::new();
    config.request_timeout = Duration::from_secs(1);
    let client = Client::connect(config);
    let read = tokio::spawn(async move { client.list("/a").await });
    let mut peer = server.accept().await;
    peer.expect_any(OpCode::GetChildren2).await;
    let error = read.await.unwrap().unwrap_err();
    let text = "list /a: no answer within 1s; it only reads";
    assert_eq!(error.to_string(), text);
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_request_is_never_sent() {
    let (config, mut server) = Server::new();
    let client = Client::connect(config);
    let abandoned = tokio::spawn({
        let client = client.clone();
        async move { client.set("/abandoned", "", None).await }
    });
    tokio::task::yield_now().await;
    abandoned.abort();
    assert!(abandoned.await.unwrap_err().is_cancelled());
    let read = tokio::spawn(async move { client.get("/a").await });
    let mut peer = server.accept().await;
    let xid = peer.expect_any(OpCode::GetData).await;
    peer.reply(xid, &data("")).await;
    read.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn persistent_watches_are_armed_again_and_their_holders_told() {
    let (config, mut server) = Server::new();
    let client = Client::connect(config);
    let watching = tokio::spawn({
        let client = client.clone();
        async move {
            client
                .watch("/a", AddWatchMode::PersistentRecursive)
                .await
                .unwrap()
        }
    });
    let mut peer = server.accept().await;
    add_watch(&mut peer, AddWatchMode::PersistentRecursive).await;
    let mut watcher = watching.await.unwrap();
    assert_eq!(watcher.next().await, Some(Notice::Resync));
    peer.event(EventType::NodeCreated, "/a/b/c").await;
    let Some(Notice::Event(event)) = watcher.next().await else {
        panic!("no event");
    };
    assert_eq!(
        (event.kind, event.path.as_str()),
        (EventKind::Created, "/a/b/c")
    );

    drop(peer);
    let mut peer = server.accept().await;
    let (xid, armed) = peer.expect::<SetWatches2Request>(OpCode::SetWatches2).await;
    assert_eq!(armed.persistent_recursive, ["/a"]);
    assert_eq!(armed.persistent, [""; 0]);
    peer.reply(xid, &()).await;
    assert_eq!(watcher.next().await, Some(Notice::Resync));

    drop(watcher);
    peer.expect_any(OpCode::RemoveWatches).await;
}

#[tokio::test(start_paused = true)]
async fn one_shot_watches_ride_on_a_persistent_one_of_their_path() {
    let (config, mut server) = Server::new();
    let client = Client::connect(config);
    let watching = tokio::spawn(async move {
        let mode = AddWatchMode::PersistentRecursive;
        let recursive = client.watch("/a", mode).await.unwrap();
        let (_, _, on_data) = client.get_and_watch("/a").await.unwrap();
        let mut plain = client.watch("/a", AddWatchMode::Persistent).await.unwrap();
        assert_eq!(plain.next().await, Some(Notice::Resync));
        (client, recursive, on_data, plain)
    });
    let mut peer = server.accept().await;
    add_watch(&mut peer, AddWatchMode::PersistentRecursive).await;
    let (xid, request) = peer.expect::<GetDataRequest>(OpCode::GetData).await;
    assert!(
        !request.watch,
        "the server would forget the recursive watch"
    );
    peer.reply(xid, &data("")).await;
    // A narrower mode would replace the recursive one.
    add_watch(&mut peer, AddWatchMode::PersistentRecursive).await;
    let (_client, _recursive, on_data, mut plain) = watching.await.unwrap();
    peer.event(EventType::NodeDataChanged, "/a").await;
    peer.event(EventType::NodeCreated, "/a/child").await;
    assert_eq!(on_data.fired().await.unwrap().kind, EventKind::DataChanged);
    for expected in [EventKind::DataChanged, EventKind::ChildrenChanged] {
        let Some(Notice::Event(event)) = plain.next().await else {
            panic!("no event");
        };
        assert_eq!((event.kind, event.path.as_str()), (expected, "/a"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_expired_session_ends_everything() {
    let (config, mut server) = Server::new();
    let client = Client::connect(config);
    let mut state = client.state();
    drop(server.accept().await);
    server.accept_and_expire().await;
    let ended = |state: &State| *state == State::Ended(Ended::Expired);
    state.wait_for(ended).await.unwrap();
    let error = client.get("/a").await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::NotSent(NotSent::Expired));
    assert!(error.is_session_over());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_zookeeper_is_named() {
    let (config, mut server) = Server::new();
    let client = Client::connect(config);
    let read = tokio::spawn(async move { client.get("/a").await });
    while let Some(mut stream) = server.raw().await {
        let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        // The client may have hung up at the first bytes.
        drop(tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await);
    }
    let error = read.await.unwrap().unwrap_err().to_string();
    assert!(
        error.contains("zk:2181: what answers there is not ZooKeeper"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_on_their_way_than_allowed() {
    const MAX: usize = 3;
    let (mut config, mut server) = Server::new();
    config.in_flight_max = MAX;
    let client = Client::connect(config);
    let reads: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get("/a").await })
        })
        .collect();
    let mut peer = server.accept().await;
    let mut waiting = std::collections::VecDeque::new();
    for _ in 0..10 {
        while waiting.len() < MAX
            && let Ok(xid) =
                timeout(Duration::from_millis(10), peer.expect_any(OpCode::GetData)).await
        {
            waiting.push_back(xid);
        }
        let more = timeout(Duration::from_millis(10), peer.expect_any(OpCode::GetData)).await;
        assert!(more.is_err(), "one too many");
        peer.reply(waiting.pop_front().unwrap(), &data("")).await;
    }
    for read in reads {
        read.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_up_each_time_is_not_asked_without_end() {
    let (config, mut server) = Server::new();
    let client = Client::connect(config);
    let began = Instant::now();
    for _ in 0..20 {
        drop(server.accept().await);
    }
    assert!(
        began.elapsed() > Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    let mut peer = server.accept().await;
    peer.expect_ping().await;
    // One that was of use is replaced at once.
    let lost = Instant::now();
    drop(peer);
    server.accept().await;
    assert_eq!(lost.elapsed(), Duration::ZERO);
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_to_arm_the_watches_is_left() {
    let (config, mut server) = Server::new();
    let client = Client::connect(config);
    let reading = tokio::spawn(async move {
        let (_, _, fired) = client.get_and_watch("/a").await.unwrap();
        (client, fired)
    });
    let mut peer = server.accept().await;
    let xid = peer.expect_any(OpCode::GetData).await;
    peer.reply(xid, &data("")).await;
    let (client, fired) = reading.await.unwrap();
    drop(peer);
    let mut peer = server.accept().await;
    let xid = peer.expect_any(OpCode::SetWatches2).await;
    peer.refuse(xid, -5).await;
    let mut state = client.state();
    let refused = |state: &State| match state {
        State::Connecting { attempts } => attempts[0].to_string().contains("watches"),
        State::Connected(_) | State::Ended(_) => false,
    };
    state.wait_for(refused).await.unwrap();
    let mut peer = server.accept().await;
    let xid = peer.expect_any(OpCode::SetWatches2).await;
    peer.reply(xid, &()).await;
    peer.event(EventType::NodeDataChanged, "/a").await;
    assert_eq!(fired.fired().await.unwrap().kind, EventKind::DataChanged);
}

#[tokio::test(start_paused = true)]
async fn a_ride_on_a_watch_that_is_refused_fires() {
    let (config, mut server) = Server::new();
    let client = Client::connect(config);
    let adding = tokio::spawn({
        let client = client.clone();
        async move { client.watch("/a", AddWatchMode::Persistent).await.map(drop) }
    });
    let mut peer = server.accept().await;
    let refused = peer.expect_any(OpCode::AddWatch).await;
    let reading = tokio::spawn(async move {
        client
            .get_and_watch("/a")
            .await
            .map(|read| (client, read.2))
    });
    let (xid, request) = peer.expect::<GetDataRequest>(OpCode::GetData).await;
    assert!(!request.watch);
    peer.refuse(refused, -102).await;
    peer.reply(xid, &data("")).await;
    assert!(adding.await.unwrap().is_err());
    let (_client, fired) = reading.await.unwrap().unwrap();
    assert_eq!(fired.fired().await.unwrap().path, "/a");
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_is_kept_alive() {
    let (config, mut server) = Server::new();
    let client = Client::connect(config);
    let mut peer = server.accept().await;
    for _ in 0..10 {
        peer.expect_ping().await;
    }
    assert!(matches!(*client.state().borrow(), State::Connected(_)));
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_events_delays_neither_a_ping_nor_a_request() {
    let session = Duration::from_secs(4);
    let (config, mut server) = Server::new();
    let client = Client::connect(config);
    let watching = tokio::spawn({
        let client = client.clone();
        async move { client.watch("/a", AddWatchMode::Persistent).await }
    });
    let mut peer = server.accept().await;
    add_watch(&mut peer, AddWatchMode::Persistent).await;
    let _watcher = watching.await.unwrap().unwrap();

    let came = peer.flood("/a", session * 3).await;
    let pings: Vec<_> = came.iter().map(|(at, _)| *at).collect();
    let gaps = pings.windows(2).map(|pair| pair[1] - pair[0]);
    let longest = gaps.chain(pings.first().copied()).max();
    assert!(longest.is_some_and(|gap| gap < session / 2), "{came:?}");

    let _reading = tokio::spawn(async move { client.get("/b").await });
    let came = peer.flood("/a", session / 8).await;
    assert!(came.iter().any(|(_, xid)| *xid > 0), "{came:?}");
}

/// An answer counts from the sending of its request, and only if the ensemble's leader had part in
/// it.
#[tokio::test(start_paused = true)]
async fn the_lease_moves_with_what_the_leader_has_answered() {
    let (mut config, mut server) = Server::new();
    config.clock = Arc::new(TokioClock::new());
    let client = Client::connect(config);
    let lease = || client.lease().borrow().map(|lease| lease.until);
    assert_eq!(lease(), None);
    let mut peer = server.accept().await;
    client.connected(SESSION).await.unwrap();
    let first = lease().unwrap();
    assert!(first <= client.clock().now() + SESSION);

    peer.expect_ping().await;
    let (read, ()) = tokio::join!(client.get("/a"), async {
        let xid = peer.expect_any(OpCode::GetData).await;
        peer.reply(xid, &data("")).await;
    });
    read.unwrap();
    assert_eq!(lease(), Some(first), "a follower alone answers these");

    let asked_at = client.clock().now();
    let (refused, ()) = tokio::join!(client.delete("/a", None), async {
        let xid = peer.expect_any(OpCode::Delete).await;
        peer.refuse(xid, ErrorCode::SessionExpired.to_wire()).await;
    });
    refused.unwrap_err();
    assert_eq!(lease(), Some(first), "the leader does not know the session");
    let (written, ()) = tokio::join!(client.delete("/a", None), async {
        let xid = peer.expect_any(OpCode::Delete).await;
        sleep(Duration::from_millis(300)).await;
        peer.reply(xid, &()).await;
    });
    written.unwrap();
    assert_eq!(lease(), Some(asked_at + SESSION));

    let asked_at = client.clock().now();
    assert_ne!(lease(), Some(asked_at + SESSION));
    let (synced, ()) = tokio::join!(client.sync("/"), async {
        let xid = peer.expect_any(OpCode::Sync).await;
        let path = "/".to_owned();
        peer.reply(xid, &SyncResponse { path }).await;
    });
    synced.unwrap();
    assert_eq!(lease(), Some(asked_at + SESSION));
}

#[tokio::test(start_paused = true)]
async fn the_lease_is_renewed_for_as_long_as_somebody_watches_it() {
    let (mut config, mut server) = Server::new();
    config.clock = Arc::new(TokioClock::new());
    let client = Client::connect(config);
    let mut lease = client.lease();
    let mut peer = server.accept().await;
    for _ in 0..10 {
        let began = Instant::now();
        let xid = peer.expect_any(OpCode::Sync).await;
        assert!(began.elapsed() <= SESSION / 8, "{:?}", began.elapsed());
        let asked_at = client.clock().now();
        lease.mark_unchanged();
        sleep(Duration::from_millis(100)).await;
        assert!(!lease.has_changed().unwrap());
        peer.reply(xid, &()).await;
        lease.changed().await.unwrap();
        let renewed = lease.borrow_and_update().unwrap();
        assert_eq!(renewed.until, asked_at + SESSION);
    }
    drop(lease);
    for _ in 0..4 {
        peer.expect_ping().await;
    }
}
