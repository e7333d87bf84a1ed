//! `cargo xtask fuzz`: the targets of `fuzz/`, each for a while.
//!
//! They are built here rather than by cargo-fuzz, which needs a nightly compiler for its address
//! sanitizer: this code has no `unsafe`, and what guides libFuzzer, coverage, the stable one has.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::{Context, Result, bail, ensure};
use dockeeper_testbed::prerequisites;

use crate::{
    command::{cargo, run as run_command, succeeds},
    workspace::Workspace,
};

/// Where the targets are, one a file.
const TARGETS: &str = "fuzz/fuzz_targets";

/// What libFuzzer is told of a run: which edges were taken, and what was compared.
const FLAGS: [&str; 8] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Clink-dead-code",
    "-Ccodegen-units=1",
];

/// The longest input in bytes. All that the decoders do happens on short ones, and those are tried
/// more often in the same time.
const LEN_MAX: u32 = 4096;

/// The most memory in MiB: a decoder takes a small multiple of its input's length.
const MEMORY_MAX: u32 = 1024;

/// How many targets run at once: each keeps one processor busy.
const AT_ONCE: usize = 2;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// One target, instead of all of them.
    target: Option<String>,
    /// How long each target runs.
    #[arg(long, default_value_t = 30)]
    seconds: u32,
}

/// Runs the targets, and fails when one of them finds something.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let workspace = Workspace::enter()?;
    let mut targets = targets()?;
    if let Some(wanted) = &arguments.target {
        let known = targets.join(", ");
        targets.retain(|target| target == wanted);
        ensure!(
            !targets.is_empty(),
            "there is no target {wanted}, only {known}"
        );
    }
    let fuzzers = build(&workspace)?;
    for some in targets.chunks(AT_ONCE) {
        let results: Vec<_> = thread::scope(|scope| {
            let runs = some.iter().map(|target| {
                let (fuzzers, workspace) = (&fuzzers, &workspace);
                scope.spawn(move || fuzz(workspace, fuzzers, target, arguments.seconds))
            });
            let runs: Vec<_> = runs.collect();
            let ended = runs.into_iter().map(thread::ScopedJoinHandle::join);
            ended.collect()
        });
        for result in results {
            match result {
                Ok(result) => result?,
                Err(_) => bail!("a fuzzer's thread panicked"),
            }
        }
    }
    Ok(())
}

/// Builds all targets; the folder that they are in.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    // libFuzzer itself is C++.
    if !succeeds(Command::new("c++").arg("--version")) {
        prerequisites::install(&["g++"])?;
    }
    let home = workspace.target_directory.join("fuzz");
    let mut command = cargo("build");
    command.args(["--release", "--manifest-path", "fuzz/Cargo.toml", "--bins"]);
    // With a target of its own, what runs at build time is built without the flags.
    let host = host()?;
    command.args(["--target", &host, "--target-dir"]).arg(&home);
    command.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    run_command(&mut command)?;
    Ok(home.join(host).join("release"))
}

fn fuzz(workspace: &Workspace, fuzzers: &Path, target: &str, seconds: u32) -> Result<()> {
    let home = workspace.target_directory.join("fuzz");
    let corpus = home.join("corpus").join(target);
    let found = home.join("found");
    for directory in [&corpus, &found] {
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
    }
    let mut command = Command::new(fuzzers.join(target));
    command.arg(&corpus);
    command.arg(format!("-artifact_prefix={}/{target}-", found.display()));
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-max_len={LEN_MAX}"));
    command.arg(format!("-rss_limit_mb={MEMORY_MAX}"));
    // Its progress is thousands of lines; the sums at the end say enough.
    run_command(command.args(["-verbosity=0", "-print_funcs=0", "-print_final_stats=1"]))
}

/// The kind of machine that this is, as the compiler names it.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output();
    let output = output.context("cannot run `rustc -vV`")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned)
        .context("`rustc -vV` does not name its host")
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
