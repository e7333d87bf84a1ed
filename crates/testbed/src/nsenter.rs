//! Commands that run in the namespaces of a node.
//!
//! `ip netns exec` would not do for a Docker host: it mounts a new `/sys`, without control groups.
//! `nsenter` and `unshare` become the program they are given, so its process id is theirs.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, absolute},
};

use tokio::process::Command;

/// Runs `program` in a network namespace, and shares all the rest with the machine.
pub(crate) fn network(namespace: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut option = OsString::from("--net=");
    option.push(namespace);
    let mut command = Command::new("nsenter");
    command.arg(option).arg("--").arg(program);
    command
}

/// Runs `program` where the process `pid` is: its network, its mounts and its host name.
pub(crate) fn host(pid: u32, program: impl AsRef<OsStr>) -> Command {
    let program = Path::new(&program);
    // A path is meant from the caller's directory, and the command begins in the root directory.
    let full = if program.components().count() > 1 {
        absolute(program).ok()
    } else {
        None
    };
    let mut command = Command::new("nsenter");
    command.args([
        "--target",
        &pid.to_string(),
        "--net",
        "--mount",
        "--uts",
        "--",
    ]);
    command.arg(full.as_deref().unwrap_or(program));
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::describe;

    #[test]
    fn a_path_is_made_absolute_and_a_name_is_looked_up() {
        let command = host(42, "docker");
        let line = describe(command.as_std());
        assert_eq!(line, "nsenter --target 42 --net --mount --uts -- docker");
        let command = host(42, "target/dockeeper");
        let program = command.as_std().get_args().last().unwrap().to_owned();
        assert!(Path::new(&program).is_absolute(), "{}", program.display());
    }
}
