//! What the server logs.

use parking_lot::Mutex;
use std::{io, sync::Arc};
use tracing::subscriber::{DefaultGuard, set_default};

/// The lines that were logged on this thread; a clone has the same.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

// === impl Lines ===

impl Lines {
    /// Takes what this thread logs, until the guard is dropped.
    pub(crate) fn capture(&self) -> DefaultGuard {
        let lines = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || lines.clone());
        set_default(subscriber.finish())
    }

    /// Those in which this text is.
    pub(crate) fn of(&self, text: &str) -> Vec<String> {
        let all = String::from_utf8(self.0.lock().clone()).unwrap();
        let lines = all.lines().filter(|line| line.contains(text));
        lines.map(str::to_owned).collect()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
