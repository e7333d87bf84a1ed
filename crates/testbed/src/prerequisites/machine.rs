//! What no package brings: permissions and the kernel's features.

use std::process::{Command, Stdio};

use super::Needs;
use crate::{
    cgroup,
    error::{Error, Result},
};

const NO_NAMESPACES: &str = "\
the system does not let root make namespaces, as in a container without `--privileged`; use a \
machine or a privileged container";

const NO_NETWORKS: &str = "\
the system does not let root change networks (the capability CAP_NET_ADMIN is missing), as in a \
container without `--privileged`; use a machine or a privileged container";

const NO_LINKS: &str = "\
the kernel has no virtual Ethernet pairs: load the module `veth` (`modprobe veth`)";

const NO_CGROUPS: &str = "\
no control groups are mounted at /sys/fs/cgroup, which Docker needs: install `cgroupfs-mount` and \
run it";

/// What a testbed does first, in the order in which one needs the other, with what it means when
/// that fails. It is tried in namespaces that vanish at once.
const STEPS: [(&[&str], &str); 3] = [
    (&["--net", "--mount", "--uts", "true"], NO_NAMESPACES),
    (&["--net", "ip", "link", "set", "lo", "up"], NO_NETWORKS),
    (
        &["--net", "ip", "link", "add", "probe0", "type", "veth"],
        NO_LINKS,
    ),
];

/// Everything about a testbed needs root.
pub(super) fn check_root() -> Result<()> {
    if rustix::process::geteuid().is_root() {
        return Ok(());
    }
    Err(Error::Prerequisite(
        "a testbed makes network namespaces and runs Docker: run it as root".to_owned(),
    ))
}

/// Tries what a testbed does.
pub(super) fn check_kernel(needs: Needs) -> Result<()> {
    first_failure(attempt)?;
    if needs.docker && !cgroup::mounted() {
        return Err(Error::Prerequisite(NO_CGROUPS.to_owned()));
    }
    Ok(())
}

/// The first of the steps that fails explains those behind it.
fn first_failure(attempt: impl Fn(&[&str]) -> Result<(), String>) -> Result<()> {
    for (arguments, meaning) in STEPS {
        attempt(arguments).map_err(|said| {
            let command = arguments.join(" ");
            Error::Prerequisite(format!("{meaning}; `unshare {command}` said: {said}"))
        })?;
    }
    Ok(())
}

/// Runs a program in namespaces of its own; the error is what it said.
fn attempt(arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new("unshare");
    command.args(arguments).stdin(Stdio::null());
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(match said.trim() {
        "" => output.status.to_string(),
        said => said.lines().last().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a machine where these steps fail.
    fn said_when(fails: impl Fn(&[&str]) -> bool) -> String {
        let attempt = |arguments: &[&str]| match fails(arguments) {
            true => Err("Operation not permitted".to_owned()),
            false => Ok(()),
        };
        first_failure(attempt).unwrap_err().to_string()
    }

    #[test]
    fn what_is_missing_is_told_from_what_follows_from_it() {
        let all = said_when(|_| true);
        assert!(all.starts_with(NO_NAMESPACES), "{all}");
        assert!(all.ends_with("said: Operation not permitted"), "{all}");
        let networks = said_when(|arguments| arguments.contains(&"ip"));
        assert!(networks.starts_with(NO_NETWORKS), "{networks}");
        let links = said_when(|arguments| arguments.contains(&"veth"));
        assert!(links.starts_with(NO_LINKS), "{links}");
        assert!(first_failure(|_| Ok(())).is_ok());
    }

    #[test]
    fn a_failure_is_told_in_the_programs_own_words() {
        assert!(!attempt(&["--no-such-option"]).unwrap_err().is_empty());
    }
}
