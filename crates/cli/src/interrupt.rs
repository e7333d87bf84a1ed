//! Ctrl-C, SIGTERM, and what else ends a program from outside.

use std::{fs, future::poll_fn, io, task::Poll};
use tokio::signal::unix::{SignalKind, signal};

/// The program was told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ended by signal {0}")]
pub(crate) struct Interrupted(pub(crate) i32);

/// Signals that do nothing, one bit each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ignored(u64);

// === impl Ignored ===

impl Ignored {
    /// Whether this signal is one of them.
    pub(crate) fn has(self, signal: i32) -> bool {
        self.0 >> (signal - 1) & 1 != 0
    }
}

// === impl Interrupted ===

impl Interrupted {
    /// The exit code that shells expect of a program that a signal has ended.
    pub(crate) fn code(self) -> u8 {
        u8::try_from(128 + self.0).unwrap_or(u8::MAX)
    }
}

/// Waits until the program is told to end, so that it can clean up behind itself.
pub(crate) async fn interrupted() -> io::Result<Interrupted> {
    let ignored = ignored();
    let mut signals = Vec::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        signals.push((kind, signal(kind)?));
    }
    for kind in [SignalKind::hangup(), SignalKind::quit()] {
        // `nohup` means it.
        if !ignored.has(kind.as_raw_value()) {
            signals.push((kind, signal(kind)?));
        }
    }
    poll_fn(|context| {
        for (kind, signal) in &mut signals {
            if let Poll::Ready(Some(())) = signal.poll_recv(context) {
                return Poll::Ready(Ok(Interrupted(kind.as_raw_value())));
            }
        }
        Poll::Pending
    })
    .await
}

/// The signals that this process ignores: proc_pid_status(5).
pub(crate) fn ignored() -> Ignored {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    Ignored(mask.unwrap_or_default())
}

/// For what a person ends with Ctrl-C and in no other way: that is no failure. SIGTERM comes from
/// somebody else, who is told that it was heard.
pub(crate) fn is_the_end(result: anyhow::Result<()>) -> anyhow::Result<()> {
    let by_a_person = Interrupted(SignalKind::interrupt().as_raw_value());
    match result {
        Err(error) if error.downcast_ref() == Some(&by_a_person) => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use rustix::process::{Signal, getpid, kill_process};

    #[test]
    fn codes_are_those_of_shells() {
        assert_eq!(Interrupted(2).code(), 130);
        assert_eq!(Interrupted(15).code(), 143);
    }

    #[tokio::test]
    async fn a_lost_terminal_is_told_like_ctrl_c() {
        // Whoever runs the tests may have them ignored.
        let ignored = ignored();
        let signals = [Signal::HUP, Signal::QUIT, Signal::TERM];
        for signal in signals
            .into_iter()
            .filter(|signal| !ignored.has(signal.as_raw()))
        {
            let mut told = std::pin::pin!(interrupted());
            assert!((&mut told).now_or_never().is_none());
            kill_process(getpid(), signal).unwrap();
            assert_eq!(told.await.unwrap(), Interrupted(signal.as_raw()));
        }
    }

    #[test]
    fn each_signal_has_a_bit() {
        let ignored = Ignored(1 | 1 << 14);
        assert!(ignored.has(1) && ignored.has(15) && !ignored.has(2));
    }

    #[test]
    fn a_watch_ends_well_with_ctrl_c_alone() {
        assert!(is_the_end(Err(Interrupted(2).into())).is_ok());
        assert!(is_the_end(Err(Interrupted(15).into())).is_err());
        assert!(is_the_end(Err(anyhow::anyhow!("x"))).is_err());
    }
}
