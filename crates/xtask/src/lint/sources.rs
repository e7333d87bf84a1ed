//! How long the files of the source may be, and what they may be called.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// A longer file has more than one concept in it.
const LINES_MAX: usize = 500;

/// Directories of what is built or made up, not written.
const SKIPPED: [&str; 3] = ["artifacts", "corpus", "target"];

/// The files under the given directories that break a rule.
pub(super) fn findings<'a>(roots: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for root in roots {
        let mut files = Vec::new();
        collect(Path::new(root), &mut files)?;
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file);
            let text = text.with_context(|| format!("cannot read {}", file.display()))?;
            findings.extend(findings_of(&file, text.lines().count()));
        }
    }
    Ok(findings)
}

fn findings_of(file: &Path, lines: usize) -> Vec<String> {
    let mut findings = Vec::new();
    let name = file.display();
    if lines > LINES_MAX {
        findings.push(format!("{name} has {lines} lines, more than {LINES_MAX}"));
    }
    // A file of its own in tests/ would be a test program, so what they share needs a directory.
    let is_for_tests = file.iter().any(|part| part == "tests");
    if file.ends_with("mod.rs") && !is_for_tests {
        findings.push(format!("{name} should stand beside its directory"));
    }
    findings
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(directory);
    let entries = entries.with_context(|| format!("cannot list {}", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        let skipped = SKIPPED.iter().any(|name| path.ends_with(name));
        if path.is_dir() && !skipped {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found() {
        let file = Path::new("crates/a/src/long.rs");
        assert!(findings_of(file, LINES_MAX).is_empty());
        assert_eq!(findings_of(file, LINES_MAX + 1).len(), 1);
    }

    #[test]
    fn a_module_in_its_own_directory_is_for_tests() {
        assert_eq!(findings_of(Path::new("crates/a/src/b/mod.rs"), 1).len(), 1);
        assert!(findings_of(Path::new("crates/a/tests/b/mod.rs"), 1).is_empty());
    }
}
