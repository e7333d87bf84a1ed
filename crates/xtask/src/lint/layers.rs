//! A crate imports only from the layers below its own, never from beside it.

use crate::workspace::{Dependency, Package};

/// How the name of each of our packages begins; the folder's name follows.
const PREFIX: &str = "dockeeper-";

/// The layers from top to bottom, and their crates: the table in ARCHITECTURE.md.
const LAYERS: [(&str, &[&str]); 8] = [
    ("program", &["cli"]),
    ("roles", &["agent", "controller"]),
    ("doors", &["api"]),
    (
        "capabilities",
        &["config", "datasync", "orchestrator", "registry"],
    ),
    ("mechanisms", &["hooks", "scheduler"]),
    ("ports", &["engine", "health", "keeper", "recipes"]),
    ("client", &["zk-client"]),
    ("ground", &["model", "zk-proto"]),
];

/// Those beside the layers, and what of ours each of them may import. No layer imports them.
const BESIDE: [(&str, &[&str]); 3] = [
    ("load", &["zk-proto"]),
    ("testbed", &[]),
    ("xtask", &["testbed"]),
];

/// The dependencies that break the rule. What only tests need is free to come from anywhere.
pub(super) fn findings(packages: &[Package]) -> Vec<String> {
    packages.iter().flat_map(findings_of).collect()
}

fn findings_of(package: &Package) -> Vec<String> {
    let Some(importer) = package.name.strip_prefix(PREFIX) else {
        return vec![format!("{}: packages are named {PREFIX}…", package.name)];
    };
    let build = package.dependencies.iter().filter(|d| !is_for_tests(d));
    let ours = build.filter_map(|dependency| dependency.name.strip_prefix(PREFIX));
    if let Some((_, allowed)) = BESIDE.iter().find(|(name, _)| *name == importer) {
        return ours
            .filter(|imported| !allowed.contains(imported))
            .map(|imported| format!("{importer} stands beside the layers and imports {imported}"))
            .collect();
    }
    let Some(layer) = layer_of(importer) else {
        let file = file!();
        return vec![format!("{importer} has no layer yet: add it in {file}")];
    };
    ours.filter(|imported| layer_of(imported).is_none_or(|other| other <= layer))
        .map(|imported| {
            let (from, to) = (name_of(importer), name_of(imported));
            format!("{importer} ({from}) imports {imported} ({to}), which is not below it")
        })
        .collect()
}

fn is_for_tests(dependency: &Dependency) -> bool {
    dependency.kind.as_deref() == Some("dev")
}

/// Counted from the top.
fn layer_of(name: &str) -> Option<usize> {
    LAYERS.iter().position(|(_, crates)| crates.contains(&name))
}

fn name_of(name: &str) -> &'static str {
    layer_of(name).map_or("beside the layers", |layer| LAYERS[layer].0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn importing(importer: &str, kind: Option<&str>, imported: &str) -> Vec<String> {
        let kind = kind.map(str::to_owned);
        let name = format!("{PREFIX}{imported}");
        findings(&[Package {
            name: format!("{PREFIX}{importer}"),
            dependencies: vec![Dependency { name, kind }],
            targets: vec![],
        }])
    }

    #[test]
    fn imports_go_down() {
        for (importer, imported) in [
            ("cli", "model"),
            ("recipes", "zk-client"),
            ("zk-client", "zk-proto"),
            ("xtask", "testbed"),
        ] {
            assert!(importing(importer, None, imported).is_empty(), "{importer}");
        }
    }

    #[test]
    fn imports_go_neither_up_nor_sideways() {
        for (importer, imported) in [
            ("registry", "agent"),
            ("registry", "config"),
            ("engine", "health"),
            ("model", "zk-proto"),
            ("cli", "testbed"),
            ("testbed", "model"),
            ("xtask", "model"),
        ] {
            for kind in [None, Some("build")] {
                let findings = importing(importer, kind, imported);
                assert_eq!(findings.len(), 1, "{importer} imports {imported}");
            }
        }
    }

    #[test]
    fn tests_import_what_they_like() {
        assert!(importing("model", Some("dev"), "testbed").is_empty());
    }

    #[test]
    fn a_crate_without_a_layer_is_found() {
        let findings = importing("novelty", None, "model");
        assert!(findings[0].contains("has no layer"), "{findings:?}");
    }
}
