//! What cargo knows about the workspace.

use std::{env, path::PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::command::cargo;

/// The part of `cargo metadata` that the chores need.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    /// The crates of the workspace, without what they depend on.
    pub(crate) packages: Vec<Package>,
    /// Where cargo builds.
    pub(crate) target_directory: PathBuf,
    workspace_root: PathBuf,
}

/// A crate of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    /// As in its manifest.
    pub(crate) name: String,
    /// What its manifest asks for.
    pub(crate) dependencies: Vec<Dependency>,
    /// What is built from it.
    pub(crate) targets: Vec<Target>,
}

/// A line of a manifest.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    /// The other package.
    pub(crate) name: String,
    /// `dev` or `build`, or nothing for an ordinary one.
    pub(crate) kind: Option<String>,
}

/// Something that is built from a package.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    name: String,
    kind: Vec<String>,
}

// === impl Workspace ===

impl Workspace {
    /// Asks cargo, and goes to the workspace's root, so that all paths can be relative to it.
    pub(crate) fn enter() -> Result<Self> {
        let output = cargo("metadata")
            .args(["--no-deps", "--format-version=1"])
            .output()
            .context("cannot run `cargo metadata`")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`cargo metadata` failed: {errors}");
        let workspace: Self = serde_json::from_slice(&output.stdout)
            .context("cannot understand what `cargo metadata` says")?;
        let root = &workspace.workspace_root;
        env::set_current_dir(root).with_context(|| format!("cannot go to {}", root.display()))?;
        Ok(workspace)
    }

    /// The names of all integration-test targets, in order and each once.
    pub(crate) fn test_targets(&self) -> Vec<&str> {
        let targets = self.packages.iter().flat_map(|package| &package.targets);
        let tests = targets.filter(|target| target.kind.iter().any(|kind| kind == "test"));
        let mut names: Vec<_> = tests.map(|target| target.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
