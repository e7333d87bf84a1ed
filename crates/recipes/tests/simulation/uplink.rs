//! What a process reaches the network through.
//!
//! A process runs outside of turmoil's hosts, so that it can be stopped while its machine goes on:
//! the machine is a host of turmoil's, which opens the connections and carries the bytes. As under a
//! real kernel, what arrives for a stopped process waits for it.

use dockeeper_zk_client::{
    connect_string::Host,
    transport::{Connect, Connecting, Stream},
};
use parking_lot::Mutex;
use std::{fmt, io, sync::Arc};
use tokio::{
    io::{DuplexStream, copy_bidirectional, duplex},
    sync::{mpsc, oneshot},
    task,
};
use turmoil::net::TcpStream;

/// How many bytes wait on either side of a stopped process.
const BUFFER_LEN: usize = 256 << 10;

/// The connections of one machine.
#[derive(Clone, Default)]
pub(crate) struct Uplink(Arc<Mutex<Option<mpsc::UnboundedSender<Dial>>>>);

struct Dial {
    host: Host,
    opened: oneshot::Sender<io::Result<DuplexStream>>,
}

// === impl Uplink ===

impl Uplink {
    /// The machine's part: opens what the process asks for, and carries it.
    pub(crate) async fn carry(self) -> turmoil::Result {
        let (sender, mut dials) = mpsc::unbounded_channel();
        *self.0.lock() = Some(sender);
        while let Some(dial) = dials.recv().await {
            task::spawn_local(dial.carry());
        }
        Ok(())
    }

    /// The process's part.
    pub(crate) async fn open(&self, name: &str, port: u16) -> io::Result<DuplexStream> {
        let (opened, wait) = oneshot::channel();
        let host = Host {
            name: name.to_owned(),
            port,
        };
        let is_told = match &*self.0.lock() {
            Some(machine) => machine.send(Dial { host, opened }).is_ok(),
            None => false,
        };
        let down = || io::Error::from(io::ErrorKind::NetworkDown);
        if !is_told {
            return Err(down());
        }
        wait.await.unwrap_or_else(|_| Err(down()))
    }
}

impl fmt::Debug for Uplink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Uplink")
    }
}

impl Connect for Uplink {
    fn connect<'a>(&'a self, host: &'a Host) -> Connecting<'a> {
        Box::pin(async move {
            let stream = self.open(&host.name, host.port).await?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }
}

// === impl Dial ===

impl Dial {
    async fn carry(mut self) {
        let connected = tokio::select! {
            biased;
            () = self.opened.closed() => return,
            connected = TcpStream::connect((self.host.name.as_str(), self.host.port)) => connected,
        };
        match connected {
            Ok(mut stream) => {
                let (near, mut far) = duplex(BUFFER_LEN);
                if self.opened.send(Ok(near)).is_ok() {
                    // Its end is all that there is to know.
                    drop(copy_bidirectional(&mut stream, &mut far).await);
                }
            }
            Err(error) => drop(self.opened.send(Err(error))),
        }
    }
}
