//! The dependencies: their licences, their sources, and which there may be at all.

use anyhow::Result;

use crate::{
    command::{cargo, run, succeeds},
    output,
    workspace::Workspace,
};

/// The version that is installed where there is none. Any other will do.
const VERSION: &str = "0.20.2";

/// Runs cargo-deny by `deny.toml`, and installs it first if need be.
///
/// Security advisories are left out: their database is fetched at each run, and a check that fails
/// without the Internet, or because of what was published since yesterday, is no check of a commit.
pub(super) fn check(_: &Workspace) -> Result<()> {
    if !succeeds(cargo("deny").arg("--version")) {
        install()?;
    }
    let mut command = cargo("deny");
    command.args(["--all-features", "--locked", "check"]);
    run(command.args(["bans", "licenses", "sources"]))
}

/// Without optimisation: it compiles in half the time, and still checks in two seconds.
fn install() -> Result<()> {
    output::note("cargo-deny is not installed; compiling it takes about two minutes, once");
    let mut command = cargo("install");
    command.args(["cargo-deny", "--version", VERSION, "--locked", "--debug"]);
    // Its parts are of no use to this workspace.
    run(command.env_remove("CARGO_TARGET_DIR"))
}
