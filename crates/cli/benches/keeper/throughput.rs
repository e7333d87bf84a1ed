//! As many requests as a server takes.

use crate::{ROUNDS, row, server::Server, workload::Workload};
use dockeeper_load::Connection;
use std::{net::SocketAddr, time::Duration};
use tokio::time::Instant;

/// What Java compiles has run some ten thousand times.
const WARM_UP: usize = 20_000;

/// How long a measurement takes at least: a fast server is through with the requests in no time.
const LEAST: Duration = Duration::from_secs(1);

pub(crate) fn warm_up(server: SocketAddr) {
    for workload in Workload::ALL {
        let count = WARM_UP.min(workload.count());
        Connection::open(server).saturate(&workload.request(), count);
    }
}

/// Measures both servers by turns.
pub(crate) fn compare(servers: [&Server; 2]) {
    for workload in Workload::ALL {
        let mut rounds: Vec<_> = (0..ROUNDS)
            .map(|_| servers.map(|server| per_second(server.address(), workload)))
            .collect();
        rounds.sort_by(|a, b| (a[1] / a[0]).total_cmp(&(b[1] / b[0])));
        row(
            &format!("{}, per second", workload.name()),
            rounds[ROUNDS / 2],
        );
    }
}

fn per_second(server: SocketAddr, workload: Workload) -> f64 {
    let request = workload.request();
    let mut connection = Connection::open(server);
    let began = Instant::now();
    let mut count = 0;
    while began.elapsed() < LEAST {
        connection.saturate(&request, workload.count());
        count += workload.count() * workload.batch();
    }
    count as f64 / began.elapsed().as_secs_f64()
}
