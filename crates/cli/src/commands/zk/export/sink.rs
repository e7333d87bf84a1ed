use anyhow::{Context, anyhow};
use std::io::{self, Write};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};

/// How many batches may wait to be written. A walk bounds the length of each.
const WAITING_MAX: usize = 2;

/// Writes by a thread of its own: a pipe whose reader pauses holds up what is written to it, and
/// not the session with ZooKeeper.
#[derive(Debug)]
pub(super) struct Sink<W> {
    batches: mpsc::Sender<String>,
    thread: JoinHandle<io::Result<W>>,
}

// === impl Sink ===

impl<W: Write + Send + 'static> Sink<W> {
    pub(super) fn new(into: W) -> Self {
        let (batches, waiting) = mpsc::channel(WAITING_MAX);
        Self {
            batches,
            thread: spawn_blocking(move || write_all(into, waiting)),
        }
    }

    /// Has a batch written. Waits while enough wait already.
    pub(super) async fn write(&mut self, lines: String) -> anyhow::Result<()> {
        if self.batches.send(lines).await.is_ok() {
            return Ok(());
        }
        let ended = (&mut self.thread).await.context("the thread that writes")?;
        Err(ended.map_or_else(Into::into, |_| anyhow!("it has ended by itself")))
    }

    /// Waits until all is written, and gives back what it was written to.
    pub(super) async fn finish(self) -> anyhow::Result<W> {
        drop(self.batches);
        Ok(self.thread.await.context("the thread that writes")??)
    }
}

fn write_all<W: Write>(mut into: W, mut waiting: mpsc::Receiver<String>) -> io::Result<W> {
    while let Some(lines) = waiting.blocking_recv() {
        into.write_all(lines.as_bytes())?;
        into.flush()?;
    }
    Ok(into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs::OpenOptions, io::Read, time::Duration};
    use tokio::time::timeout;

    #[tokio::test]
    async fn a_reader_that_pauses_holds_up_nothing_else() {
        let (mut reader, writer) = io::pipe().unwrap();
        let mut sink = Sink::new(writer);
        // Longer than a pipe of Linux holds.
        let batch = "x".repeat(1 << 20);
        let mut written = 0;
        // The time-out can only come while this thread is free.
        while let Ok(taken) = timeout(Duration::from_millis(200), sink.write(batch.clone())).await {
            taken.unwrap();
            written += batch.len();
        }
        let read = spawn_blocking(move || {
            let mut all = Vec::new();
            reader.read_to_end(&mut all).unwrap();
            all.len()
        });
        drop(sink.finish().await.unwrap());
        assert_eq!(read.await.unwrap(), written);
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_told() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut sink = Sink::new(full);
        let error = loop {
            if let Err(error) = sink.write("x".to_owned()).await {
                break error;
            }
        };
        assert!(error.to_string().contains("No space left"), "{error}");
    }
}
