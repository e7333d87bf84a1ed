//! Builds the program that the chores run.

use crate::command::cargo;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

const PACKAGE: &str = "dockeeper-cli";
const BINARY: &str = "dockeeper";

/// One of cargo's messages, as far as it matters here.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

/// Builds the program and says where it is.
pub(crate) fn build() -> Result<PathBuf> {
    let format = "--message-format=json-render-diagnostics";
    let output = cargo("build")
        .args(["--package", PACKAGE, "--bin", BINARY, format])
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("the program cannot be built");
    }
    let messages = output.stdout.split(|byte| *byte == b'\n');
    let mut executables = messages.filter_map(|line| {
        let message: Message = serde_json::from_slice(line).ok()?;
        message.executable
    });
    executables
        .next_back()
        .context("cargo built the program and did not say where it is")
}

/// What a person gives to a shell's `export` to type `dockeeper` instead of the program's path.
pub(crate) fn path_with(program: &Path) -> String {
    let directory = program.parent().unwrap_or(Path::new("/"));
    format!("PATH={}:$PATH", directory.display())
}
