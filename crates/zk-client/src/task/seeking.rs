//! The search for a server that takes writes, while the connection is one to a read-only server.

use super::{Control, Order, Task};
use crate::{connect_string::Host, transport::Connect};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{mpsc, oneshot},
    task::{self, AbortHandle},
    time,
};

/// The pause behind the first question; each later one is twice as long, up to the bound. A server
/// without a quorum finds one within seconds or is down for long.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// How long a server has for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);

/// The four-letter word that asks whether a server takes writes, and the answer if it does.
const QUESTION: &[u8] = b"isro";
const YES: &[u8] = b"rw";

/// A search under way. It ends when this is dropped.
pub(super) struct Search(AbortHandle);

struct Seeker {
    /// Those that may take writes, to be asked in turn.
    hosts: Vec<Host>,
    connect: Arc<dyn Connect>,
    /// It must not keep the client alive when nobody else does.
    control: mpsc::WeakSender<Control>,
}

// === impl Search ===

impl Drop for Search {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Task {
    /// Begins to look for a server that takes writes.
    pub(super) fn search(&self) -> Search {
        let seeker = Seeker {
            hosts: self.config.servers.hosts().to_vec(),
            connect: self.config.connect.clone(),
            control: self.channels.control.clone(),
        };
        Search(task::spawn(seeker.run()).abort_handle())
    }
}

// === impl Seeker ===

impl Seeker {
    async fn run(self) {
        let mut pause = PAUSE_MIN;
        for host in self.hosts.iter().cycle() {
            time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
            let answer = time::timeout(ANSWER_LIMIT, self.ask(host)).await;
            if !matches!(answer, Ok(Ok(true))) {
                continue;
            }
            if let Some(control) = self.control.upgrade() {
                let order = Order::MoveTo(host.clone());
                let (done, _) = oneshot::channel();
                drop(control.send(Control { order, done }).await);
            }
            return;
        }
    }

    async fn ask(&self, host: &Host) -> io::Result<bool> {
        let mut stream = self.connect.connect(host).await?;
        stream.write_all(QUESTION).await?;
        let mut answer = [0; YES.len()];
        stream.read_exact(&mut answer).await?;
        Ok(answer == YES)
    }
}
