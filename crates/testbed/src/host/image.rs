//! The image `busybox:local`, made from the machine's own busybox: no registry is needed.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::process::Command;

use crate::{
    error::{Error, Result},
    prerequisites::find_program,
    tool,
};

/// The image that every host has.
pub const IMAGE: &str = "busybox:local";

const LIMIT: Duration = Duration::from_secs(30);

/// Writes the image's only layer, and returns where. All hosts import this one file.
pub(crate) async fn build(directory: &Path) -> Result<PathBuf> {
    let tree = directory.join("image");
    for folder in ["bin", "etc", "tmp"] {
        let path = tree.join(folder);
        fs::create_dir_all(&path).map_err(Error::file("create", path))?;
    }
    let passwd = tree.join("etc/passwd");
    fs::write(&passwd, "root:x:0:0:root:/:/bin/sh\n").map_err(Error::file("write", passwd))?;
    let busybox = find_program("busybox").ok_or_else(|| {
        Error::Prerequisite("busybox is missing: apt-get install busybox-static".into())
    })?;
    let copy = tree.join("bin/busybox");
    fs::copy(&busybox, &copy).map_err(Error::file("write", &copy))?;
    // Not of the copy: while another thread forks, its child has the copy open for writing.
    for applet in tool::run(Command::new(&busybox).arg("--list"), LIMIT)
        .await?
        .lines()
    {
        let path = tree.join("bin").join(applet);
        if applet != "busybox" {
            symlink("busybox", &path).map_err(Error::file("link", path))?;
        }
    }
    let layer = directory.join("busybox.tar");
    let mut tar = Command::new("tar");
    tar.arg("--create")
        .arg("--file")
        .arg(&layer)
        .arg("--directory")
        .arg(&tree)
        .arg(".");
    tool::run(&mut tar, LIMIT).await?;
    Ok(layer)
}
