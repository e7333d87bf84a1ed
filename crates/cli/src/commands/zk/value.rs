use crate::exit::Failure;
use anyhow::Context;
use bytes::Bytes;
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// What stands for the standard input, and for the output.
pub(super) const STDIO: &str = "-";

/// More than any server takes (`jute.maxbuffer`); bounds what a wrong file makes us read.
const LEN_MAX: u64 = 64 << 20;

/// What data a znode gets.
#[derive(Debug, clap::Args)]
pub(super) struct Value {
    /// The data, as they are and without a line's end; "-" reads them from the standard input
    value: Option<String>,

    /// Read the data from a file; "-" for the standard input
    #[arg(long, value_name = "FILE", conflicts_with = "value")]
    file: Option<PathBuf>,
}

// === impl Value ===

impl Value {
    /// The data; `None` when none were given.
    pub(super) fn read(&self) -> anyhow::Result<Option<Bytes>> {
        match (&self.value, &self.file) {
            (Some(value), _) if value != STDIO => Ok(Some(Bytes::from(value.clone()))),
            (None, None) => Ok(None),
            (None, Some(path)) if path != Path::new(STDIO) => {
                let shown = path.display();
                let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
                read(file, &shown.to_string()).map(Some)
            }
            (Some(_), _) | (None, Some(_)) => read(io::stdin(), "the standard input").map(Some),
        }
    }
}

fn read(from: impl Read, what: &str) -> anyhow::Result<Bytes> {
    let mut data = Vec::new();
    let read = from.take(LEN_MAX + 1).read_to_end(&mut data);
    read.with_context(|| format!("cannot read {what}"))?;
    if data.len() as u64 > LEN_MAX {
        let why = format!("{what} has more than {LEN_MAX} bytes: no server takes as much");
        return Err(Failure::usage(why).into());
    }
    Ok(data.into())
}
