//! What commands read from files and from the standard input.

use crate::exit::Failure;
use anyhow::Context;
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// What stands for the standard input.
pub(super) const STDIN: &str = "-";

/// Reads a file, or the standard input. Not more than a byte over the limit: what is too long is
/// told by who knows why.
pub(super) fn read(path: &Path, len_max: usize) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() == STDIN {
        return take(io::stdin(), len_max).context("cannot read the standard input");
    }
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
    take(file, len_max).with_context(|| format!("cannot read {shown}"))
}

/// The same for what has to be text.
pub(super) fn read_text(path: &Path, what: &str, len_max: usize) -> anyhow::Result<String> {
    String::from_utf8(read(path, len_max)?).map_err(|_| {
        let shown = path.display();
        let why = format!(
            "{shown} is not UTF-8 text, which {what} has to be: make it a file of the configuration \
             with `dockeeper config put`"
        );
        Failure::usage(why).into()
    })
}

fn take(from: impl Read, len_max: usize) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let len_max = u64::try_from(len_max).unwrap_or(u64::MAX);
    from.take(len_max.saturating_add(1))
        .read_to_end(&mut content)?;
    Ok(content)
}
