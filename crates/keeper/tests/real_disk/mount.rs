use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A file system of its own, gone when this is dropped.
pub(crate) struct Mount {
    dir: tempfile::TempDir,
}

// === impl Mount ===

impl Mount {
    /// One in memory.
    pub(crate) fn tmpfs(mib: u64) -> Self {
        let this = Self::prepare();
        let size = format!("size={mib}m");
        run(
            "mount",
            ["-t", "tmpfs", "-o", &size, "keeper-test"].map(OsStr::new),
            &[&this.path()],
        );
        this
    }

    /// One in a file.
    pub(crate) fn ext4(mib: u64) -> Self {
        let this = Self::prepare();
        let image = this.dir.path().join("image");
        fs::File::create(&image)
            .unwrap()
            .set_len(mib << 20)
            .unwrap();
        run("mkfs.ext4", ["-q", "-m", "0"].map(OsStr::new), &[&image]);
        run(
            "mount",
            ["-o", "loop"].map(OsStr::new),
            &[&image, &this.path()],
        );
        this
    }

    fn prepare() -> Self {
        let this = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(this.path()).unwrap();
        this
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("mount")
    }

    /// Where the server keeps its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Takes all space there is.
    pub(crate) fn fill(&self) {
        let zeros = vec![0; 64 * 1024];
        let mut file = fs::File::create(self.ballast()).unwrap();
        while std::io::Write::write_all(&mut file, &zeros).is_ok() {}
        // What is in memory only may not have a place yet.
        let _ = file.sync_all();
    }

    /// Gives it back.
    pub(crate) fn unfill(&self) {
        fs::remove_file(self.ballast()).unwrap();
        run("sync", ["-f"].map(OsStr::new), &[&self.path()]);
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let status = Command::new("umount")
            .arg("--lazy")
            .arg(self.path())
            .status();
        assert!(status.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

fn run<const N: usize>(program: &str, options: [&OsStr; N], paths: &[&Path]) {
    let status = Command::new(program).args(options).args(paths).status();
    assert!(
        status.unwrap().success(),
        "{program} failed: this test needs root"
    );
}
