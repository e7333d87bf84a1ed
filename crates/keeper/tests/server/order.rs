use crate::{
    raw::{create, get, request, set},
    world::World,
};
use bytes::BytesMut;
use dockeeper_zk_proto::{
    Record,
    data::GetDataResponse,
    header::xid,
    watch::{AddWatchMode, AddWatchRequest, EventType, WatcherEvent},
};

#[tokio::test]
async fn many_requests_in_one_write_are_answered_in_order() {
    const COUNT: i32 = 20_000;
    let world = World::start().await;
    let mut raw = world.session().await;
    raw.call(&create("/n", b"0")).await.unwrap();
    let mut wire = BytesMut::new();
    for number in 1..=COUNT {
        // Reads wait behind writes, and show what these have written.
        wire.extend_from_slice(&match number % 2 {
            1 => request(number, &set("/n", number.to_string().as_bytes())),
            _ => request(number, &get("/n", false)),
        });
    }
    let (mut reader, wire) = (raw, wire.freeze());
    let mut zxid = 0;
    for part in wire.chunks(100_000) {
        reader.write(part).await;
    }
    for number in 1..=COUNT {
        let (header, body) = reader.reply().await.unwrap();
        assert_eq!((header.xid, header.err), (number, 0));
        assert!(header.zxid >= zxid, "{} after {zxid}", header.zxid);
        zxid = header.zxid;
        if number % 2 == 0 {
            let data = GetDataResponse::from_bytes(body).unwrap().data.unwrap();
            assert_eq!(data, (number - 1).to_string());
        }
    }
}

#[tokio::test]
async fn an_event_comes_before_the_reply_that_shows_the_change() {
    let world = World::start().await;
    let (mut watcher, mut writer) = (world.session().await, world.session().await);
    writer.call(&create("/n", b"0")).await.unwrap();
    for round in 0..200 {
        watcher.call(&get("/n", true)).await.unwrap();
        let data = format!("round {round}");
        // The reader asks as soon as it can, without waiting for the writer's reply.
        writer.write(&request(1, &set("/n", data.as_bytes()))).await;
        loop {
            watcher.write(&request(2, &get("/n", false))).await;
            let (header, body) = watcher.reply().await.unwrap();
            if header.xid == xid::EVENT {
                let event = WatcherEvent::from_bytes(body).unwrap();
                assert_eq!(
                    (event.kind, &*event.path),
                    (EventType::NodeDataChanged, "/n")
                );
                watcher.reply().await.unwrap();
                break;
            }
            let seen = GetDataResponse::from_bytes(body).unwrap().data.unwrap();
            assert!(seen != data, "the change was seen before its event");
        }
        writer.reply().await.unwrap();
    }
}

#[tokio::test]
async fn the_own_event_comes_before_the_own_reply() {
    let world = World::start().await;
    let mut raw = world.session().await;
    let watch = AddWatchRequest {
        path: "/".to_owned(),
        mode: AddWatchMode::PersistentRecursive,
    };
    raw.call(&watch).await.unwrap();
    raw.write(&request(5, &create("/a", b""))).await;
    assert_eq!(raw.reply().await.unwrap().0.xid, xid::EVENT);
    assert_eq!(raw.reply().await.unwrap().0.xid, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_depends_on_one_thread() {
    let world = World::start().await;
    let client = world.client().await;
    let mode = dockeeper_zk_client::CreateMode::PersistentSequential;
    let creates = (0..500).map(|_| client.create("/s-", "x", mode));
    let paths = futures_util::future::join_all(creates).await;
    let mut paths: Vec<_> = paths.into_iter().map(|made| made.unwrap().path).collect();
    assert!(paths.is_sorted());
    paths.dedup();
    assert_eq!(paths.len(), 500);
    client.close().await;
}
