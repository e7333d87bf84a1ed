//! The server's limit: precomputed requests over bare sockets. Each session watches a znode, and
//! deletes the next one when it hears that the first is gone.

use crate::{Crowd, QUIET};
use dockeeper_load::{Connection, Request};
use dockeeper_zk_client::CreateMode;
use dockeeper_zk_proto::{
    acl::Acl,
    create::CreateRequest,
    data::{DeleteRequest, ExistsRequest},
};
use std::{net::SocketAddr, time::Duration};
use tokio::time::Instant;

/// Has to be there.
pub(crate) const PARENT: &str = "/locks-raw";

/// What a hand-over takes.
pub(crate) async fn hand_overs(server: SocketAddr, crowd: Crowd) -> Duration {
    let measure = move || measure(server, crowd);
    tokio::task::spawn_blocking(measure).await.unwrap()
}

fn measure(server: SocketAddr, crowd: Crowd) -> Duration {
    let mut sessions: Vec<_> = (0..crowd.sessions())
        .map(|_| Connection::open(server))
        .collect();
    let count = crowd.waiters.get();
    let deletes: Vec<_> = (0..=count).map(delete).collect();
    let turns = |numbers: std::ops::RangeInclusive<u32>| {
        numbers.map(|number| (number, (number % crowd.sessions()) as usize))
    };
    for (number, session) in turns(0..=count) {
        sessions[session].call(&create(&path(number)));
    }
    for (number, session) in turns(1..=count) {
        sessions[session].call(&Request::new(&ExistsRequest {
            path: path(number - 1),
            watch: true,
        }));
    }
    let mut is_replied = vec![true; sessions.len()];
    std::thread::sleep(QUIET);
    let began = Instant::now();
    sessions[0].send(&deletes[0]);
    is_replied[0] = false;
    for (number, session) in turns(1..=count) {
        let connection = &mut sessions[session];
        // That to its delete before, which came ahead of the event.
        if !std::mem::replace(&mut is_replied[session], false) {
            connection.expect(1);
        }
        connection.expect_event();
        connection.send(&deletes[number as usize]);
    }
    let took = began.elapsed() / count;
    for session in sessions.iter_mut().zip(is_replied) {
        if let (connection, false) = session {
            connection.expect(1);
        }
    }
    took
}

/// As long as that of a contender.
pub(crate) fn path(number: u32) -> String {
    format!("{PARENT}/_c_00000000-0000-4000-8000-000000000000-lock-{number:010}")
}

pub(crate) fn create(path: &str) -> Request {
    Request::new(&CreateRequest {
        path: path.to_owned(),
        data: Some(Default::default()),
        acl: Acl::open(),
        flags: CreateMode::Ephemeral.to_wire(),
    })
}

pub(crate) fn delete(number: u32) -> Request {
    Request::new(&DeleteRequest {
        path: path(number),
        version: -1,
    })
}
