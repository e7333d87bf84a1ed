//! Debian's packages, told by the files that they bring, so that other sources of the same
//! programs count as well.

use std::{
    fs,
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
};

use super::{Needs, find_program};
use crate::{
    error::{Error, Result},
    tool::describe,
    zookeeper,
};

/// The packages that are not installed, in the order of their names.
#[must_use]
pub fn missing(needs: Needs) -> Vec<&'static str> {
    let program = |name| find_program(name).is_some();
    let wanted = [
        ("busybox-static", needs.docker, has_static_busybox()),
        ("curl", needs.docker, program("curl")),
        ("default-jre-headless", needs.zookeeper, program("java")),
        (
            "docker.io",
            needs.docker,
            program("dockerd") && program("docker"),
        ),
        ("iproute2", true, program("ip")),
        ("iptables", true, program("iptables")),
        ("tar", needs.docker, program("tar")),
        ("util-linux", true, program("nsenter") && program("unshare")),
        ("zookeeper", needs.zookeeper, zookeeper::config::installed()),
    ];
    let missing = wanted
        .into_iter()
        .filter(|&(_, needed, there)| needed && !there);
    missing.map(|(package, ..)| package).collect()
}

/// Installs packages with `apt-get`, whose output goes to the standard error.
///
/// # Errors
///
/// [`Error::Prerequisite`] if there is no `apt-get`, or if it fails.
pub fn install(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if find_program("apt-get").is_none() {
        let text = format!(
            "apt-get is missing, so this is no Debian machine; install the equivalents of {names}"
        );
        return Err(Error::Prerequisite(text));
    }
    // Nobody may be left to be told.
    let _ = writeln!(std::io::stderr(), "Installing Debian packages: {names}");
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    // A fresh machine has no package lists, and an old one has lists of versions that are gone.
    if lists_are_there() && apt(&arguments).is_ok() {
        return Ok(());
    }
    apt(&["update"])?;
    apt(&arguments)
}

fn apt(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive");
    command.stdin(Stdio::null()).stdout(std::io::stderr());
    let line = describe(&command);
    let status = command
        .status()
        .map_err(|error| failed(&line, &error.to_string()))?;
    if status.success() {
        Ok(())
    } else {
        Err(failed(&line, &status.to_string()))
    }
}

fn failed(line: &str, why: &str) -> Error {
    let text = format!("`{line}` failed ({why}); run it by hand to see what it lacks");
    Error::Prerequisite(text)
}

fn lists_are_there() -> bool {
    let mut lists = fs::read_dir("/var/lib/apt/lists")
        .into_iter()
        .flatten()
        .flatten();
    lists.any(|list| list.file_name().to_string_lossy().contains("_Packages"))
}

/// Debian's other busybox is linked to libraries, which an image made of it alone lacks.
fn has_static_busybox() -> bool {
    find_program("busybox").is_some_and(|path| is_static(&path).unwrap_or(false))
}

/// A program that needs libraries names their loader at its beginning.
fn is_static(program: &Path) -> std::io::Result<bool> {
    const HEAD_BYTES: u64 = 4096;
    let mut head = Vec::new();
    fs::File::open(program)?
        .take(HEAD_BYTES)
        .read_to_end(&mut head)?;
    Ok(!head.windows(4).any(|bytes| bytes == b"/ld-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_libraries_is_not_static() {
        assert!(!is_static(Path::new("/bin/sh")).unwrap());
    }

    #[test]
    fn nothing_of_docker_is_missing_for_zookeeper_alone() {
        let missing = missing(Needs {
            docker: false,
            zookeeper: true,
        });
        assert!(!missing.contains(&"docker.io") && !missing.contains(&"busybox-static"));
    }
}
