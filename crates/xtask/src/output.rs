//! What the chores print. A reader that has gone, such as `head` or a closed terminal, is no reason
//! to panic: what was started has to be cleaned up all the same.

use std::io::{self, Write};
use tracing_subscriber::filter::LevelFilter;

/// Writes to the standard output.
///
/// # Errors
///
/// What the system said; [`reader_has_gone`] tells whether it matters.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Tells a person something on the standard error.
pub(crate) fn note(text: &str) {
    // Nobody may be left to be told of it.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Shows what the testbed has to say and nobody waits to hear: above all what could not be removed.
pub(crate) fn show_warnings() {
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_writer(io::stderr)
        .with_ansi(false)
        .without_time()
        // It would panic where nobody is left to read it.
        .log_internal_errors(false)
        .init();
}

/// Whether the only thing wrong is that nobody reads the output any more.
pub(crate) fn reader_has_gone(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_has_gone_is_told_from_a_full_disk() {
        assert!(reader_has_gone(
            &io::Error::from(io::ErrorKind::BrokenPipe).into()
        ));
        assert!(!reader_has_gone(
            &io::Error::from(io::ErrorKind::StorageFull).into()
        ));
        assert!(!reader_has_gone(&anyhow::anyhow!("broken pipe")));
    }
}
