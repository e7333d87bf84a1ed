use crate::{
    raw::{create, create_as, get, handshake, request, set},
    world::{LIMIT, World},
};
use dockeeper_keeper::server::{Config, Error, Keeper};
use dockeeper_zk_proto::ErrorCode;
use std::time::{Duration, UNIX_EPOCH};
use tokio::time::{sleep, timeout};

#[tokio::test]
async fn data_and_sessions_outlive_a_restart() {
    let mut world = World::start().await;
    let mut raw = world.raw().await;
    let session = raw.begin(10_000).await;
    raw.call(&create("/kept", b"data")).await.unwrap();
    raw.call(&create_as("/ephemeral", b"", 1)).await.unwrap();
    for number in 0..100 {
        raw.call(&set("/kept", format!("{number}").as_bytes()))
            .await
            .unwrap();
    }
    let before = raw.call(&get("/kept", false)).await.unwrap();
    for _ in 0..3 {
        world.restart().await;
        let mut raw = world.raw().await;
        let request = handshake(session.session_id, session.password.clone(), 10_000);
        let resumed = raw.greet(&request).await.unwrap();
        assert_eq!(resumed.session_id, session.session_id);
        assert_eq!(raw.call(&get("/kept", false)).await.unwrap(), before);
        assert!(raw.call(&get("/ephemeral", false)).await.is_ok());
    }
}

#[tokio::test]
async fn a_session_that_nobody_resumes_ends_after_a_restart() {
    let mut world = World::start().await;
    let mut raw = world.raw().await;
    raw.begin(500).await;
    raw.call(&create_as("/ephemeral", b"", 1)).await.unwrap();
    world.restart().await;
    let mut other = world.session().await;
    assert!(other.call(&get("/ephemeral", false)).await.is_ok());
    sleep(Duration::from_millis(900)).await;
    let found = other.call(&get("/ephemeral", false)).await;
    assert_eq!(found, Err(ErrorCode::NoNode));
}

#[tokio::test]
async fn the_end_answers_what_was_asked_and_closes() {
    let mut world = World::start().await;
    let mut raw = world.session().await;
    raw.call(&create("/n", b"")).await.unwrap();
    for number in 0..500 {
        raw.write(&request(number, &set("/n", number.to_string().as_bytes())))
            .await;
    }
    // All of it is with the server, whatever it has carried out.
    sleep(Duration::from_millis(50)).await;
    let mut idle = world.raw().await;
    world.stop().await;
    for number in 0..500 {
        assert_eq!(raw.reply().await.unwrap().0.xid, number);
    }
    assert!(raw.reply().await.is_none() && idle.is_closed().await);
    world.launch().await;
    let data = world.session().await.call(&get("/n", false)).await.unwrap();
    assert_eq!(data.data.unwrap(), "499");
}

#[tokio::test]
async fn a_directory_has_one_server() {
    let world = World::start().await;
    let error = Keeper::open(world.config.clone())
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("in use by another server"), "{error}");
    assert!(error.contains(&std::process::id().to_string()), "{error}");
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let mut world = World::start().await;
    let taken = world.address();
    world.stop().await;
    let listener = std::net::TcpListener::bind(taken).unwrap();
    world.config.listen = vec![taken];
    let error = Keeper::open(world.config.clone())
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains(&format!("cannot listen on {taken}")),
        "{error}"
    );
    drop(listener);
}

#[tokio::test]
async fn a_client_goes_on_with_its_session() {
    let mut world = World::start().await;
    world.config.listen = vec![world.address()];
    let client = world.client().await;
    let mode = dockeeper_zk_client::CreateMode::Ephemeral;
    client.create("/mine", "", mode).await.unwrap();
    let session = client.session().unwrap();
    world.restart().await;
    // What is asked while nobody answers may fail; the session goes on.
    let found = async {
        loop {
            if let Ok(Some(stat)) = client.exists("/mine").await {
                return stat;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let stat = timeout(LIMIT, found).await.unwrap();
    assert_eq!(stat.ephemeral_owner, client.session().unwrap().id);
    assert_eq!(session.id, client.session().unwrap().id);
    assert!(UNIX_EPOCH + Duration::from_millis(stat.ctime_ms as u64) > UNIX_EPOCH);
}

#[tokio::test]
async fn nothing_is_made_for_a_server_that_cannot_listen() {
    let world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut config = Config::new(data.clone());
    config.listen = vec![world.address()];
    let opened = Keeper::open(config).await;
    assert!(matches!(opened.err(), Some(Error::Listen { .. })));
    assert!(!data.exists());
}
