//! `cargo xtask fuzz`: the targets of `fuzz/`, each for a while.

use std::{ffi::OsStr, fs, process::Command};

use anyhow::{Context, Result, ensure};

use crate::{
    command::{run as run_command, succeeds},
    workspace::Workspace,
};

/// Where the targets are, one a file.
const TARGETS: &str = "fuzz/fuzz_targets";

/// The longest input in bytes. All that the decoders do happens on short ones, and those are tried
/// more often in the same time.
const LEN_MAX: u32 = 4096;

/// The most memory in MiB: a decoder takes a small multiple of its input's length.
const MEMORY_MAX: u32 = 1024;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// One target, instead of all of them.
    target: Option<String>,
    /// How long each target runs.
    #[arg(long, default_value_t = 30)]
    seconds: u32,
}

/// Runs the targets one after another, and stops at the first that finds something.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    Workspace::enter()?;
    check_tools()?;
    let mut targets = targets()?;
    if let Some(wanted) = &arguments.target {
        let known = targets.join(", ");
        targets.retain(|target| target == wanted);
        ensure!(
            !targets.is_empty(),
            "there is no target {wanted}, only {known}"
        );
    }
    for target in targets {
        let mut command = nightly_cargo();
        command.args(["fuzz", "run", &target, "--"]);
        command.arg(format!("-max_total_time={}", arguments.seconds));
        command.arg(format!("-max_len={LEN_MAX}"));
        command.arg(format!("-rss_limit_mb={MEMORY_MAX}"));
        // Its progress is thousands of lines; the sums at the end say enough.
        run_command(command.args(["-verbosity=0", "-print_final_stats=1"]))?;
    }
    Ok(())
}

fn check_tools() -> Result<()> {
    ensure!(
        succeeds(nightly_cargo().arg("--version")),
        "fuzzing needs a nightly compiler, for its sanitizers: `rustup toolchain install nightly`"
    );
    ensure!(
        succeeds(nightly_cargo().args(["fuzz", "--version"])),
        "fuzzing needs cargo-fuzz: `cargo install cargo-fuzz --locked`"
    );
    Ok(())
}

/// Found by rustup: the cargo that runs this program is another toolchain's.
fn nightly_cargo() -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo"]);
    command.env_remove("CARGO");
    command
}

fn targets() -> Result<Vec<String>> {
    let entries = fs::read_dir(TARGETS).with_context(|| format!("cannot list {TARGETS}"))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("rs")) {
            names.extend(path.file_stem().and_then(OsStr::to_str).map(str::to_owned));
        }
    }
    names.sort();
    Ok(names)
}
