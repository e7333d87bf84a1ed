//! A machine without its daemon: the namespaces that make up a host, and who keeps them.

use std::{ffi::OsStr, fs, path::PathBuf, time::Duration};

use tokio::process::Command;

use crate::{error::Result, node::Node, nsenter, process::Process};

/// Takes about 50 ms; a machine under full load can need a hundred times that.
const BOOT_LIMIT: Duration = Duration::from_secs(30);

const BOOT: &str = include_str!("boot.sh");

/// A booted host. The process keeps the mount and host name namespaces in existence even while
/// no daemon runs, so that what is in the host's `/run` survives a restart of Docker.
#[derive(Debug)]
pub(super) struct Machine(Process);

impl Machine {
    pub(super) async fn boot(node: &Node) -> Result<Self> {
        let directory = node.directory();
        let sign = node.pid_file();
        // That of an earlier boot.
        let _ = fs::remove_file(&sign);
        let namespace = node.namespace().expect("a host has a namespace");
        let mut command = nsenter::network(&namespace, "unshare");
        command
            .args([
                "--mount",
                "--uts",
                "--",
                "sh",
                "-c",
                BOOT,
                "sh",
                node.name(),
            ])
            .arg(&sign);
        let keeper = Process::spawn(command, directory.join("boot.log"))?;
        let step = format!("boot of {}", node.name());
        let probe = async || {
            if sign.exists() {
                Ok(())
            } else {
                Err("still booting".to_owned())
            }
        };
        keeper.ready(&step, BOOT_LIMIT, probe).await?;
        Ok(Self(keeper))
    }

    /// A command that runs on this machine.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        nsenter::host(self.0.pid(), program)
    }

    /// The root directory as the machine sees it, with its own `/run`.
    pub(super) fn root(&self) -> PathBuf {
        format!("/proc/{}/root", self.0.pid()).into()
    }
}
