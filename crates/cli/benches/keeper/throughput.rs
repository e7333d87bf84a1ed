//! As many requests as a server takes.

use crate::{
    ROUNDS,
    busy::{Busy, Watch},
    row_of_busy,
    server::Server,
    workload::Workload,
};
use dockeeper_load::Connection;
use std::{net::SocketAddr, time::Duration};
use tokio::{runtime::Runtime, time::Instant};

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
pub(crate) fn compare(servers: [&Server; 2], runtime: &Runtime) {
    for workload in Workload::ALL {
        let name = format!("{}, per second", workload.name());
        let mut rounds: Vec<_> = (0..ROUNDS)
            .map(|_| {
                servers.map(|server| {
                    let watch = Watch::begin(server.pid(runtime));
                    (per_second(server.address(), workload), watch.end())
                })
            })
            .collect();
        let ratio = |[apache, keeper]: &[(f64, Busy); 2]| keeper.0 / apache.0;
        rounds.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
        let [apache, keeper] = rounds[ROUNDS / 2];
        row_of_busy(&name, [apache.0, keeper.0], keeper.1);
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
