use crate::{
    faults::Faults,
    log::Lines,
    raw::{create, get, request, set},
    world::{LIMIT, World},
};
use dockeeper_keeper::server::Error;
use dockeeper_zk_proto::ErrorCode;
use std::{sync::Arc, time::Duration};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

async fn start(faults: &Faults) -> World {
    let faults = faults.clone();
    World::start_with(|config| config.disk = Arc::new(faults)).await
}

#[tokio::test]
async fn after_a_failed_sync_nothing_is_acknowledged_and_the_server_ends() {
    let faults = Faults::default();
    let mut world = start(&faults).await;
    let address = world.address();
    let (mut writer, mut other) = (world.session().await, world.session().await);
    writer.call(&create("/n", b"0")).await.unwrap();
    for number in 1..=50 {
        let data = number.to_string();
        writer.call(&set("/n", data.as_bytes())).await.unwrap();
    }
    faults.fail_syncs(true);
    for number in 51..=60 {
        let write = set("/n", number.to_string().as_bytes());
        writer.write(&request(number, &write)).await;
    }
    assert!(writer.reply().await.is_none(), "nothing is acknowledged");
    let error = world.ended().await.unwrap_err();
    assert!(matches!(error, Error::Log(_)), "{error}");
    let text = error.to_string();
    for part in [
        "cannot sync",
        "Input/output error",
        "nothing that was acknowledged is lost",
        "start the server again",
    ] {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
    assert!(other.is_closed().await);
    assert!(TcpStream::connect(address).await.is_err());

    faults.fail_syncs(false);
    world.launch().await;
    let found = world.session().await.call(&get("/n", false)).await.unwrap();
    assert_eq!(
        found.data.unwrap(),
        "50",
        "what was acknowledged, and no more"
    );
}

#[tokio::test]
async fn a_full_disk_refuses_writes_until_there_is_space() {
    // Nearly as long as a request may be.
    let data = vec![1; 1_000_000];
    let lines = Lines::default();
    let _capture = lines.capture();
    let faults = Faults::default();
    let world = start(&faults).await;
    let mut raw = world.session().await;
    raw.call(&create("/n", b"")).await.unwrap();
    faults.fill(true);
    let mut taken = 0;
    let refused = loop {
        match raw.call(&set("/n", &data)).await {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
        assert!(taken < 64, "more than a segment holds");
    };
    assert_eq!(refused, ErrorCode::SystemError);
    let found = raw.call(&get("/n", false)).await.unwrap();
    assert_eq!(found.data.unwrap(), data);
    let begin = lines.of("no more space for the log");
    assert_eq!(begin.len(), 1, "{begin:?}");
    for part in ["take 64 MiB for", "log.spare", "only 0 bytes are free"] {
        assert!(begin[0].contains(part), "{part:?} is not in: {begin:?}");
    }
    assert!(lines.of("space for the log again").is_empty());

    faults.fill(false);
    let accepted = async {
        while raw.call(&set("/n", &data)).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LIMIT, accepted).await.unwrap();
    let end = lines.of("there is space for the log again");
    assert_eq!(end.len(), 1, "{end:?}");
    assert!(
        end[0].contains("INFO") && end[0].contains(" ms="),
        "{end:?}"
    );
}

#[tokio::test]
async fn the_end_says_that_all_is_on_disk() {
    let lines = Lines::default();
    let _capture = lines.capture();
    let mut world = World::start().await;
    world
        .session()
        .await
        .call(&create("/n", b""))
        .await
        .unwrap();
    let line = "ended: everything that was acknowledged is on disk";
    assert!(lines.of(line).is_empty());
    world.stop().await;
    assert_eq!(lines.of(line).len(), 1);
}
