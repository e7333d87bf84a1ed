//! Other programs that the tests try Dockeeper against.

use anyhow::Result;
use dockeeper_testbed::prerequisites::install;
use std::path::Path;

/// A file of each package, and the package.
const PEERS: [(&str, &str); 4] = [
    ("/usr/bin/javac", "default-jdk-headless"),
    ("/usr/bin/prometheus", "prometheus"),
    (
        "/usr/share/java/curator-x-discovery.jar",
        "libcurator-discovery-java",
    ),
    (
        "/usr/share/java/curator-recipes.jar",
        "libcurator-recipes-java",
    ),
];

/// Installs those that are missing, saying so first.
pub(super) fn provide() -> Result<()> {
    let missing = PEERS.iter().filter(|(file, _)| !Path::new(file).exists());
    let packages: Vec<_> = missing.map(|(_, package)| *package).collect();
    if !packages.is_empty() {
        install(&packages)?;
    }
    Ok(())
}
