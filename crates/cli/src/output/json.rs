//! JSON for scripts. The names of its keys are the records' own and stay.

use anyhow::Context;
use serde::Serialize;

/// An array of objects, indented.
pub(crate) fn array<T: Serialize>(items: &[T]) -> anyhow::Result<String> {
    let text = serde_json::to_string_pretty(items).context("cannot write JSON")?;
    Ok(format!("{text}\n"))
}

/// One object on a line of its own.
pub(crate) fn line<T: Serialize>(item: &T) -> anyhow::Result<String> {
    let text = serde_json::to_string(item).context("cannot write JSON")?;
    Ok(format!("{text}\n"))
}
