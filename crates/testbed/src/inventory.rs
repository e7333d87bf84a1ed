//! All testbeds of the machine, for the command line.

use crate::{claim::Claim, error::Result, reap::traces, record::Record};

/// Which testbeds to bring down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that no running process owns.
    Unowned,
    /// All, also under the feet of the tests that use them.
    All,
}

/// A testbed that was brought down or left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every trace of the testbed with this name is gone.
    Removed(String),
    /// It is in use by a running process.
    Left(Record),
}

/// Removes testbeds, including what killed processes have left and what nothing is recorded of.
///
/// It blocks.
///
/// # Errors
///
/// The first error met; what follows is not tried, and the call can be repeated.
pub fn bring_down(which: Which) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for number in traces() {
        outcomes.push(match Claim::take_over(number, which == Which::All)? {
            Ok(claim) => {
                let name = claim.layout().name();
                claim.release()?;
                Outcome::Removed(name)
            }
            Err(record) => Outcome::Left(record),
        });
    }
    Ok(outcomes)
}
