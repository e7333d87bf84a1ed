//! One request after another.

use dockeeper_load::{Connection, Request};
use std::{fmt, net::SocketAddr, time::Duration};
use tokio::time::Instant;

/// Requests of a measurement.
const COUNT: usize = 2_000;

/// How long requests took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latency {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Latency {
    /// Makes the same request again and again, each when the one before is answered.
    pub(crate) fn of(server: SocketAddr, request: &Request) -> Self {
        let mut connection = Connection::open(server);
        Self::sample(|| connection.call(request))
    }

    /// Does something again and again.
    pub(crate) fn sample(mut once: impl FnMut()) -> Self {
        let mut times: Vec<_> = (0..COUNT)
            .map(|_| {
                let began = Instant::now();
                once();
                began.elapsed()
            })
            .collect();
        times.sort();
        Self {
            p50: times[COUNT / 2],
            p99: times[COUNT * 99 / 100],
        }
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = |time: Duration| time.as_secs_f64() * 1e6;
        write!(f, "{:.0} / {:.0}", us(self.p50), us(self.p99))
    }
}
