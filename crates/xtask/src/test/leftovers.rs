//! What killed tests have left on the machine.

use crate::output;
use anyhow::{Result, ensure};
use dockeeper_testbed::inventory::{Outcome, Which, bring_down};

/// Removes what earlier runs have left, saying so on the standard error.
pub(super) fn clear() -> Result<()> {
    let names = remove()?;
    if !names.is_empty() {
        output::note(&format!(
            "Removed what killed tests had left: {}",
            names.join(", ")
        ));
    }
    Ok(())
}

/// Removes what this run has left.
///
/// # Errors
///
/// If there was something: a test that ends well ends its testbed.
pub(super) fn none_left() -> Result<()> {
    let names = remove()?;
    ensure!(
        names.is_empty(),
        "tests ended without ending their testbeds: {}",
        names.join(", ")
    );
    Ok(())
}

/// Removes the testbeds whose processes have ended without ending them, and returns their names.
fn remove() -> Result<Vec<String>> {
    let outcomes = bring_down(Which::Abandoned)?.into_iter();
    let removed = outcomes.filter_map(|outcome| match outcome {
        Outcome::Removed(name) => Some(name),
        Outcome::Left(_) => None,
    });
    Ok(removed.collect())
}
