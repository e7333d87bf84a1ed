//! The state as text.

use super::Machine;
use std::fmt::{self, Write};

// === impl Machine ===

impl Machine {
    /// All that a restart keeps, as text: two servers in the same state give the same. For tests
    /// and for looking into differences; of the tree's size.
    pub fn dump(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        match self.write_dump(&mut out) {
            Ok(()) | Err(fmt::Error) => out,
        }
    }

    fn write_dump(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "last transaction: {:#x}", self.last_zxid)?;
        writeln!(out, "last session: {:#x?}", self.session_ids.last())?;
        let sessions = self.sessions.iter();
        let mut sessions: Vec<_> = sessions
            .map(|(id, session)| (id, session.timeout_ms))
            .collect();
        sessions.sort_unstable();
        for (id, timeout_ms) in sessions {
            writeln!(out, "session {id:#x}: {timeout_ms} ms")?;
        }
        self.tree.dump(out)
    }
}
