//! `cargo xtask lint`: everything that can be said about the code without running it.

use anyhow::{Result, bail, ensure};

use crate::{
    command::{cargo, run as run_command},
    output,
    workspace::Workspace,
};

mod deny;
mod layers;
mod sources;

/// One kind of check.
type Step = fn(&Workspace) -> Result<()>;

/// The cheap ones first. Each is tried, whatever the others say.
const STEPS: [(&str, Step); 7] = [
    ("layers", layers),
    ("sources", sources),
    ("format", format),
    ("clippy", clippy),
    ("fuzz", fuzz),
    ("docs", docs),
    ("deny", deny::check),
];

/// Checks everything.
///
/// # Errors
///
/// The names of the checks that failed; what they found is on the standard error.
pub(crate) fn run() -> Result<()> {
    let workspace = Workspace::enter()?;
    let mut failed = Vec::new();
    for (name, step) in STEPS {
        if let Err(error) = step(&workspace) {
            output::note(&format!("error: {name}: {error:#}"));
            failed.push(name);
        }
    }
    ensure!(failed.is_empty(), "lint failed: {}", failed.join(", "));
    output::note("lint: nothing to complain about");
    Ok(())
}

fn layers(workspace: &Workspace) -> Result<()> {
    report(&layers::findings(&workspace.packages))
}

fn sources(_: &Workspace) -> Result<()> {
    report(&sources::findings(["crates", "fuzz"])?)
}

fn report(findings: &[String]) -> Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    bail!("\n  {}", findings.join("\n  "));
}

fn format(_: &Workspace) -> Result<()> {
    run_command(cargo("fmt").args(["--all", "--check"]))?;
    run_command(cargo("fmt").args(["--manifest-path=fuzz/Cargo.toml", "--check"]))
}

fn clippy(_: &Workspace) -> Result<()> {
    let mut command = cargo("clippy");
    command.args(["--workspace", "--all-targets", "--all-features"]);
    run_command(command.args(["--", "-D", "warnings"]))
}

/// What the fuzz targets do, without libFuzzer, whose C++ this machine may be unable to compile.
fn fuzz(workspace: &Workspace) -> Result<()> {
    let mut command = cargo("clippy");
    command.args(["--manifest-path=fuzz/Cargo.toml", "--no-default-features"]);
    command.arg("--target-dir").arg(&workspace.target_directory);
    run_command(command.args(["--all-targets", "--", "-D", "warnings"]))
}

/// With the private items, because the docs are for those who work on the program: nothing of it is
/// a library to others.
fn docs(_: &Workspace) -> Result<()> {
    let mut command = cargo("doc");
    command.args(["--workspace", "--no-deps", "--document-private-items"]);
    run_command(command.env("RUSTDOCFLAGS", "-D warnings"))
}
