//! What killed tests have left on the machine.

use anyhow::{Result, ensure};
use dockeeper_testbed::{
    inventory::{Outcome, Which, bring_down},
    record::{Record, State},
};

/// Removes what earlier runs have left, saying so on the standard error.
pub(super) fn clear() -> Result<()> {
    let names = remove()?;
    if !names.is_empty() {
        eprintln!("Removed what killed tests had left: {}", names.join(", "));
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

/// The names of the testbeds whose processes have ended without ending them. They are removed,
/// unless a person keeps a testbed: the inventory does not tell the two apart, and the next testbed
/// to start removes them as well.
fn remove() -> Result<Vec<String>> {
    let records = Record::all()?;
    let in_state = |state| records.iter().filter(move |record| record.state() == state);
    if in_state(State::Persistent).next().is_some() {
        let abandoned = in_state(State::Abandoned);
        return Ok(abandoned.map(|record| record.layout.name()).collect());
    }
    let outcomes = bring_down(Which::Unowned)?.into_iter();
    let removed = outcomes.filter_map(|outcome| match outcome {
        Outcome::Removed(name) => Some(name),
        Outcome::Left(_) => None,
    });
    Ok(removed.collect())
}
