use crate::{
    raw::{Raw, create_as, framed, get, handshake},
    world::World,
};
use dockeeper_zk_proto::{ErrorCode, Record, connect::Password};
use std::time::Duration;
use tokio::time::sleep;

#[tokio::test]
async fn a_session_begins_with_a_time_out_in_bounds() {
    let world = World::start().await;
    for (wish, granted) in [(1, 200), (5000, 5000), (i32::MAX, 20_000), (-1, 200)] {
        let response = world.raw().await.begin(wish).await;
        assert_eq!(response.timeout_ms, granted);
        assert_ne!(response.session_id, 0);
        assert_eq!(response.password.0.len(), 16);
    }
}

#[tokio::test]
async fn an_old_client_leaves_a_byte_out_and_gets_none() {
    let world = World::start().await;
    let mut request = handshake(0, Password::zero(), 5000);
    request.read_only = None;
    let mut old = world.raw().await;
    old.write(&framed(&[&request.to_bytes()])).await;
    let response = old.frame().await.unwrap();
    assert_eq!(response.len(), 36);
    request.read_only = Some(false);
    let mut new = world.raw().await;
    new.write(&framed(&[&request.to_bytes()])).await;
    assert_eq!(new.frame().await.unwrap().len(), 37);
}

#[tokio::test]
async fn a_session_moves_to_a_new_connection() {
    let world = World::start().await;
    let mut first = world.raw().await;
    let session = first.begin(10_000).await;
    first.call(&create_as("/e", b"", 1)).await.unwrap();
    let mut second = world.raw().await;
    let request = handshake(session.session_id, session.password.clone(), 10_000);
    let resumed = second.greet(&request).await.unwrap();
    assert_eq!(resumed.session_id, session.session_id);
    assert!(first.is_closed().await);
    assert!(second.call(&get("/e", false)).await.is_ok());
}

#[tokio::test]
async fn a_wrong_password_gets_zeros_and_the_end() {
    let world = World::start().await;
    let session = world.raw().await.begin(10_000).await;
    let mut thief = world.raw().await;
    let request = handshake(session.session_id, Password::zero(), 10_000);
    let response = thief.greet(&request).await.unwrap();
    assert_eq!((response.session_id, response.timeout_ms), (0, 0));
    assert!(response.password.0.iter().all(|byte| *byte == 0));
    assert!(thief.is_closed().await);
}

#[tokio::test]
async fn who_has_seen_the_future_is_hung_up_on() {
    let world = World::start().await;
    let mut raw = world.raw().await;
    let mut request = handshake(0, Password::zero(), 10_000);
    request.last_zxid_seen = 0x1234_5678;
    assert!(raw.greet(&request).await.is_none());
}

#[tokio::test]
async fn silence_ends_a_session_with_its_connection() {
    let world = World::start().await;
    let mut silent = world.raw().await;
    silent.begin(300).await;
    silent.call(&create_as("/e", b"", 1)).await.unwrap();
    assert!(silent.is_closed().await);
    let mut other = world.session().await;
    assert_eq!(other.call(&get("/e", false)).await, Err(ErrorCode::NoNode));
}

#[tokio::test]
async fn a_lost_connection_leaves_the_session_for_its_time_out() {
    let world = World::start().await;
    let mut lost = world.raw().await;
    lost.begin(1000).await;
    lost.call(&create_as("/e", b"", 1)).await.unwrap();
    drop(lost);
    let mut other: Raw = world.session().await;
    assert!(other.call(&get("/e", false)).await.is_ok());
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(other.call(&get("/e", false)).await, Err(ErrorCode::NoNode));
}
