//! What no package brings: permissions and the kernel's features.

use std::process::{Command, Stdio};

use super::Needs;
use crate::{
    cgroup,
    error::{Error, Result},
};

/// Everything about a testbed needs root.
pub(super) fn check_root() -> Result<()> {
    if rustix::process::geteuid().is_root() {
        return Ok(());
    }
    sentence("a testbed makes network namespaces and runs Docker: run it as root")
}

/// Tries what a testbed does first, on namespaces that vanish at once.
pub(super) fn check_kernel(needs: Needs) -> Result<()> {
    if !allowed(&["--net", "--mount", "--uts", "true"]) {
        return sentence(
            "the system does not let root make namespaces, as in a container without \
             `--privileged`; use a machine or a privileged container",
        );
    }
    if !allowed(&["--net", "ip", "link", "add", "probe0", "type", "veth"]) {
        return sentence("the kernel has no virtual Ethernet pairs: load the module `veth`");
    }
    if needs.docker && !cgroup::mounted() {
        return sentence(
            "no control groups are mounted at /sys/fs/cgroup, which Docker needs: install \
             `cgroupfs-mount` and run it",
        );
    }
    Ok(())
}

fn allowed(arguments: &[&str]) -> bool {
    let mut command = Command::new("unshare");
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn sentence(text: &str) -> Result<()> {
    Err(Error::Prerequisite(text.to_owned()))
}
