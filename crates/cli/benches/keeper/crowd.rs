//! Many sessions at once.

use crate::{
    busy::{Busy, Watch},
    workload::{create, get, small_set},
};
use dockeeper_load::Connection;
use dockeeper_zk_proto::create::CreateMode;
use std::{net::SocketAddr, time::Duration};
use tokio::time::Instant;

/// How many sessions.
const SESSIONS: usize = 1_000;

/// Ephemeral znodes of each.
const EPHEMERALS: usize = 20;

/// What a crowd took.
pub(crate) struct Crowd {
    /// All sessions opened, one after another.
    pub(crate) opened: Duration,
    /// All ephemeral znodes created, all sessions at once.
    pub(crate) ephemerals: Duration,
    /// Who was busy with that.
    pub(crate) busy: Busy,
    /// One change, until each of the sessions had its event.
    pub(crate) told: Duration,
}

impl Crowd {
    /// Ephemeral znodes created in a second.
    pub(crate) fn ephemerals_per_second(&self) -> f64 {
        (SESSIONS * EPHEMERALS) as f64 / self.ephemerals.as_secs_f64()
    }

    pub(crate) fn measure(server: SocketAddr, pid: u32) -> Self {
        let began = Instant::now();
        let mut sessions: Vec<_> = (0..SESSIONS).map(|_| Connection::open(server)).collect();
        let opened = began.elapsed();

        let parent = format!("/crowd-{}", fastrand::u64(..));
        sessions[0].call(&create(&parent, 0, CreateMode::Persistent));
        let request = create(&format!("{parent}/e-"), 0, CreateMode::EphemeralSequential);
        let (began, watch) = (Instant::now(), Watch::begin(pid));
        for _ in 0..EPHEMERALS {
            for session in &mut sessions {
                session.send(&request);
            }
        }
        for session in &mut sessions {
            session.expect(EPHEMERALS);
        }
        let (ephemerals, busy) = (began.elapsed(), watch.end());

        for session in &mut sessions {
            session.call(&get(true));
        }
        let mut writer = Connection::open(server);
        let began = Instant::now();
        writer.send(&small_set());
        for session in &mut sessions {
            session.expect_event();
        }
        let told = began.elapsed();
        writer.expect(1);
        Self {
            opened,
            ephemerals,
            busy,
            told,
        }
    }
}
