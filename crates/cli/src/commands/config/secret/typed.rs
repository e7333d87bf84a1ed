//! What a person types without seeing it.

use crate::interrupt::interrupted;
use anyhow::Context;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{self, BufRead, Write};
use tokio::task::spawn_blocking;

/// A terminal that does not show what is typed, until this is dropped.
struct Silence(Termios);

/// Asks for a line on the terminal that is the standard input. The line's end does not belong to it.
pub(super) async fn read(prompt: &str) -> anyhow::Result<Vec<u8>> {
    const CONTEXT: &str = "cannot read from the terminal";
    let interrupted = interrupted();
    tokio::pin!(interrupted);
    let typed = async {
        show(prompt)?;
        let _silence = Silence::begin()?;
        let line = spawn_blocking(|| {
            let mut line = Vec::new();
            io::stdin().lock().read_until(b'\n', &mut line)?;
            io::Result::Ok(line)
        });
        let mut line = line.await??;
        // The one that was typed was not shown.
        show("\n")?;
        if line.ends_with(b"\n") {
            line.pop();
        }
        io::Result::Ok(line)
    };
    tokio::select! {
        // First, so that a signal is taken before the terminal is silent: it is not to stay so.
        biased;
        interrupted = &mut interrupted => Err(interrupted.context(CONTEXT)?.into()),
        typed = typed => typed.context(CONTEXT),
    }
}

fn show(text: &str) -> io::Result<()> {
    let mut stderr = io::stderr();
    stderr.write_all(text.as_bytes())?;
    stderr.flush()
}

// === impl Silence ===

impl Silence {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // Nothing more can be done for a terminal that is gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}
