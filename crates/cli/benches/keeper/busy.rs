//! Who is busy while something is measured: it shows whose limit is reached.

use dockeeper_load::process::cpu_time;
use std::{fmt, time::Duration};
use tokio::time::Instant;

/// Watches this process, which is the client, and a server.
pub(crate) struct Watch {
    server: u32,
    began: Instant,
    before: [Duration; 2],
}

/// How many processors each kept busy.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Busy {
    client: f64,
    server: f64,
}

// === impl Watch ===

impl Watch {
    pub(crate) fn begin(server: u32) -> Self {
        Self {
            server,
            began: Instant::now(),
            before: [cpu_time(std::process::id()), cpu_time(server)],
        }
    }

    pub(crate) fn end(self) -> Busy {
        let took = self.began.elapsed().as_secs_f64();
        let [client, server] = self.before;
        Busy {
            client: (cpu_time(std::process::id()) - client).as_secs_f64() / took,
            server: (cpu_time(self.server) - server).as_secs_f64() / took,
        }
    }
}

// === impl Busy ===

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} + {:.1}", self.client, self.server)
    }
}
