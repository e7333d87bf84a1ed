//! The signals that are passed on.

use super::machine::SignalNumber;
use crate::interrupt::ignored;
use rustix::process::Signal as Named;
use std::{future::poll_fn, io, task::Poll};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Those that would end a program that does not care.
const ENDING: [Named; 6] = [
    Named::HUP,
    Named::INT,
    Named::QUIT,
    Named::TERM,
    Named::USR1,
    Named::USR2,
];

/// Those that mean something to a command alone: while there is none, they do what they always do.
const CONCERNING_A_COMMAND: [Named; 3] = [Named::CONT, Named::TSTP, Named::WINCH];

/// Signals as they come. Two of the same kind may become one, as they do in the kernel.
pub(crate) struct Signals(Vec<(SignalNumber, Signal)>);

// === impl Signals ===

impl Signals {
    /// Those that end what waits.
    pub(crate) fn ending() -> io::Result<Self> {
        let mut signals = Self(Vec::new());
        signals.listen(&ENDING)?;
        Ok(signals)
    }

    /// From now on also those that a running command should get.
    pub(crate) fn for_a_command(&mut self) -> io::Result<()> {
        self.listen(&CONCERNING_A_COMMAND)
    }

    /// Whether a signal ends what waits.
    pub(crate) fn is_ending(signal: SignalNumber) -> bool {
        ENDING.iter().any(|ending| ending.as_raw() == signal)
    }

    pub(crate) async fn next(&mut self) -> SignalNumber {
        poll_fn(|context| {
            for (number, signal) in &mut self.0 {
                if let Poll::Ready(Some(())) = signal.poll_recv(context) {
                    return Poll::Ready(*number);
                }
            }
            Poll::Pending
        })
        .await
    }

    /// What was ignored when the program began stays so: `nohup` means the command too.
    fn listen(&mut self, signals: &[Named]) -> io::Result<()> {
        let ignored = ignored();
        for number in signals.iter().map(|signal| signal.as_raw()) {
            if !ignored.has(number) {
                let signal = signal(SignalKind::from_raw(number))?;
                self.0.push((number, signal));
            }
        }
        Ok(())
    }
}
