//! kazoo, which takes part in tests of recipes and in a benchmark, and its own test suite, which the
//! keeper is tried with: from PyPI, as Debian's package lacks the suite.

use crate::{command, output, workspace::Workspace};
use anyhow::Result;
use dockeeper_testbed::prerequisites;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What tests and benchmarks find the suite's Python by.
pub(crate) const VARIABLE: &str = "DOCKEEPER_KAZOO_PYTHON";

/// Where the tests are that need it.
pub(crate) const MODULE: &str = "kazoo::";

/// The suite, and what it needs.
const PACKAGES: [&str; 6] = [
    "kazoo==2.11.0",
    "pytest==9.2.0",
    "pyopenssl==26.4.0",
    "pyjks==20.0.0",
    "objgraph==3.7.0",
    "mock==5.2.0",
];

/// A Python that has the suite, made once; `None`, with a word, where PyPI cannot be reached.
pub(crate) fn provide(workspace: &Workspace) -> Result<Option<PathBuf>> {
    let home = workspace.target_directory.join("kazoo");
    let python = home.join("bin/python");
    let done = home.join("packages");
    let wanted = PACKAGES.join("\n");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(Some(python));
    }
    let shown = home.display();
    output::note(&format!("Installing kazoo's test suite into {shown} ..."));
    if let Err(error) = install(&home, &python) {
        output::note(&format!("What needs kazoo is left out: {error:#}"));
        return Ok(None);
    }
    fs::write(done, wanted)?;
    Ok(Some(python))
}

fn install(home: &Path, python: &Path) -> Result<()> {
    if !command::succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
        prerequisites::install(&["python3-venv"])?;
    }
    command::run(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(home),
    )?;
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    command::run(Command::new(python).args(pip).args(PACKAGES))
}
