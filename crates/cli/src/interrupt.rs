//! Ctrl-C and SIGTERM.

use std::io;
use tokio::signal::unix::{SignalKind, signal};

/// The program was told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ended by signal {0}")]
pub(crate) struct Interrupted(pub(crate) i32);

// === impl Interrupted ===

impl Interrupted {
    /// The exit code that shells expect of a program that a signal has ended.
    pub(crate) fn code(self) -> u8 {
        u8::try_from(128 + self.0).unwrap_or(u8::MAX)
    }
}

/// Waits until the program is told to end.
pub(crate) async fn interrupted() -> io::Result<Interrupted> {
    let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
    let (mut interrupts, mut terminates) = (signal(interrupt)?, signal(terminate)?);
    let kind = tokio::select! {
        _ = interrupts.recv() => interrupt,
        _ = terminates.recv() => terminate,
    };
    Ok(Interrupted(kind.as_raw_value()))
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

    #[test]
    fn codes_are_those_of_shells() {
        assert_eq!(Interrupted(2).code(), 130);
        assert_eq!(Interrupted(15).code(), 143);
    }

    #[test]
    fn a_watch_ends_well_with_ctrl_c_alone() {
        assert!(is_the_end(Err(Interrupted(2).into())).is_ok());
        assert!(is_the_end(Err(Interrupted(15).into())).is_err());
        assert!(is_the_end(Err(anyhow::anyhow!("x"))).is_err());
    }
}
