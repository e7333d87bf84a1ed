use crate::{
    raw::{create, framed, get, request},
    world::World,
};
use bytes::Bytes;
use dockeeper_zk_proto::{ErrorCode, Record, frame, header::RequestHeader};
use fastrand::Rng;
use std::time::Duration;
use tokio::time::sleep;

/// That others are served, whatever somebody else does.
async fn is_well(world: &World) {
    let mut raw = world.session().await;
    let path = format!("/well-{}", fastrand::u64(..));
    raw.call(&create(&path, b"x")).await.unwrap();
    assert_eq!(
        raw.call(&get(&path, false)).await.unwrap().data.unwrap(),
        "x"
    );
}

#[tokio::test]
async fn garbage_first_is_hung_up_on() {
    let world = World::start().await;
    let mut rng = Rng::with_seed(1);
    for round in 0..200 {
        let mut raw = world.raw().await;
        let mut garbage: Vec<u8> = (0..rng.usize(4..2000)).map(|_| rng.u8(..)).collect();
        if round % 2 == 0 {
            // A length that would do.
            garbage[..4].copy_from_slice(&44_i32.to_be_bytes());
            garbage.resize(48, 0xff);
        }
        raw.write(&garbage).await;
        raw.rest().await;
    }
    let mut raw = world.raw().await;
    raw.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").await;
    assert!(raw.is_closed().await);
    is_well(&world).await;
}

#[tokio::test]
async fn lengths_out_of_bounds_close_the_connection() {
    let world = World::start().await;
    for length in [-1, i32::MIN, i32::MAX, 0x10_0000] {
        let mut first = world.raw().await;
        first.write(&length.to_be_bytes()).await;
        assert!(first.is_closed().await, "{length}");
        let mut later = world.session().await;
        later.write(&length.to_be_bytes()).await;
        assert!(later.is_closed().await, "{length}");
    }
    is_well(&world).await;
    assert!(
        world
            .ask("mntr")
            .await
            .contains("zk_large_requests_rejected\t4\n")
    );
}

#[tokio::test]
async fn the_longest_frame_is_served_and_one_byte_more_is_not() {
    let world = World::start().await;
    let mut raw = world.session().await;
    let empty = request(7, &create("/long", b""));
    let room = frame::LEN_MAX_DEFAULT + frame::HEADER_LEN - empty.len();
    let mut data = vec![7; room];
    raw.call(&create("/long", &data)).await.unwrap();
    let read = raw.call(&get("/long", false)).await.unwrap();
    assert_eq!(read.data.unwrap(), data);
    data.push(7);
    raw.write(&request(7, &create("/more", &data))).await;
    assert!(raw.is_closed().await);
}

#[tokio::test]
async fn half_frames_harm_nobody() {
    let world = World::start().await;
    let whole = request(1, &create("/half", b"data"));
    for end in 0..whole.len() {
        let mut raw = world.session().await;
        raw.write(&whole[..end]).await;
    }
    // Nor does one that comes a byte at a time.
    let mut raw = world.session().await;
    for byte in &whole {
        raw.write(&[*byte]).await;
        sleep(Duration::from_micros(200)).await;
    }
    assert_eq!(raw.reply().await.unwrap().0.err, 0);
    is_well(&world).await;
}

#[tokio::test]
async fn random_requests_harm_nobody() {
    let world = World::start().await;
    let mut rng = Rng::with_seed(2);
    for _ in 0..300 {
        let mut raw = world.session().await;
        for _ in 0..20 {
            let header = RequestHeader {
                xid: rng.i32(..),
                opcode: rng.i32(-12..110),
            };
            let body: Vec<u8> = (0..rng.usize(..60)).map(|_| rng.u8(..) & 7).collect();
            raw.write(&framed(&[&header.to_bytes(), &body])).await;
        }
    }
    is_well(&world).await;
}

#[tokio::test]
async fn an_unknown_operation_is_answered_and_hung_up_on() {
    let world = World::start().await;
    let mut raw = world.session().await;
    let header = RequestHeader {
        xid: 3,
        opcode: 4711,
    };
    raw.write(&framed(&[&header.to_bytes(), &Bytes::new()]))
        .await;
    let (header, _) = raw.reply().await.unwrap();
    let code = ErrorCode::from_wire(header.err);
    assert_eq!((header.xid, code), (3, Some(ErrorCode::Unimplemented)));
    assert!(raw.is_closed().await);
}
