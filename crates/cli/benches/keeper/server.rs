//! A server under measurement.

use dockeeper_testbed::Testbed;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};
use tokio::{runtime::Runtime, time::Instant};

/// Apache's heap: room for a million znodes, so that it is not the collector that is measured.
const HEAP_MIB: u32 = 4096;

/// Between two looks whether a server is ready.
const PAUSE: Duration = Duration::from_millis(1);

/// A server that is about to serve may take a connection and never answer on it.
const ANSWER_LIMIT: Duration = Duration::from_millis(100);

/// Either of the two, in a network namespace of its own.
pub(crate) struct Server {
    testbed: Testbed,
}

impl Server {
    /// Starts our own server with a program, or Apache's without one.
    pub(crate) fn start(runtime: &Runtime, program: Option<&str>) -> Self {
        let builder = Testbed::builder().hosts(0).zookeepers(1);
        let builder = builder.for_measurements(HEAP_MIB);
        let builder = match program {
            Some(program) => builder.keeper(program),
            None => builder,
        };
        let testbed = runtime.block_on(builder.start()).unwrap();
        Self { testbed }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.testbed.zookeeper().server(0).address()
    }

    pub(crate) fn pid(&self, runtime: &Runtime) -> u32 {
        let server = self.testbed.zookeeper().server(0);
        runtime.block_on(server.pid()).unwrap()
    }

    /// Ends the server in order and starts it again: from the start of the process to its first
    /// answer.
    pub(crate) fn restart(&self, runtime: &Runtime) -> Duration {
        let server = self.testbed.zookeeper().server(0);
        runtime.block_on(server.stop()).unwrap();
        let began = Instant::now();
        let address = self.address();
        let ready = runtime.spawn_blocking(move || {
            while !answers(address) {
                std::thread::sleep(PAUSE);
            }
            began.elapsed()
        });
        runtime.block_on(server.start()).unwrap();
        runtime.block_on(ready).unwrap()
    }

    pub(crate) fn stop(self, runtime: &Runtime) {
        runtime.block_on(self.testbed.shutdown()).unwrap();
    }
}

/// Whether a server says that it serves.
fn answers(server: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&server, ANSWER_LIMIT)?;
        stream.set_read_timeout(Some(ANSWER_LIMIT))?;
        stream.write_all(b"srvr")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.contains("Mode: standalone"))
}
