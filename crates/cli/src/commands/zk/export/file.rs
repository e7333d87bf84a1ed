//! The file that an export is written to.

use anyhow::{Context, anyhow};
use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, BufWriter, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use tokio::task::spawn_blocking;

/// An export holds what access control lists protect.
const MODE_NEW: u32 = 0o600;

/// Who may read, write and execute, without the kind of file.
const MODE_MASK: u32 = 0o7777;

/// How many names are tried for the new file: each is chance, so even a second one is rare.
const NAMES_MAX: usize = 8;

/// Where an export goes. A plain file is there only as a whole, in the place of the one before;
/// anything else, such as a pipe or a device, is written to as it is.
#[derive(Debug)]
pub(super) struct Output {
    file: BufWriter<File>,
    path: PathBuf,
    replacement: Option<Replacement>,
}

/// A new file, which is removed unless it takes its place.
#[derive(Debug)]
struct Replacement {
    part: PathBuf,
    target: PathBuf,
    is_placed: bool,
}

// === impl Output ===

impl Output {
    /// Opens it by a thread of its own: a pipe that nobody reads must not hold up the session.
    pub(super) async fn open(path: &Path) -> anyhow::Result<Self> {
        let path = path.to_owned();
        spawn_blocking(move || Self::open_now(&path))
            .await
            .context("the thread that opens the file")?
    }

    fn open_now(path: &Path) -> anyhow::Result<Self> {
        let failed = || format!("cannot write {}", path.display());
        let (target, mode) = match fs::metadata(path) {
            Ok(there) if there.is_file() => {
                let target = fs::canonicalize(path).with_context(failed)?;
                (target, there.permissions().mode() & MODE_MASK)
            }
            Ok(_) => {
                let file = OpenOptions::new().write(true).open(path);
                return Ok(Self::new(file.with_context(failed)?, path, None));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(failed);
            }
            Err(_) if path.is_symlink() => {
                let why =
                    anyhow!("it is a symbolic link to nothing: remove it, or name its target");
                return Err(why.context(failed()));
            }
            Err(_) => (path.to_owned(), MODE_NEW),
        };
        let (file, replacement) = Replacement::create(target).with_context(failed)?;
        file.set_permissions(Permissions::from_mode(mode))
            .with_context(failed)?;
        Ok(Self::new(file, path, Some(replacement)))
    }

    fn new(file: File, path: &Path, replacement: Option<Replacement>) -> Self {
        Self {
            file: BufWriter::new(file),
            path: path.to_owned(),
            replacement,
        }
    }

    pub(super) fn write(&mut self, lines: &str) -> anyhow::Result<()> {
        let written = self.file.write_all(lines.as_bytes());
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Says that all is written. Without it there is no file.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        let mut finished = self.file.flush();
        if let Some(replacement) = &mut self.replacement {
            finished = finished
                .and_then(|()| self.file.get_ref().sync_all())
                .and_then(|()| replacement.place());
        }
        finished.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

// === impl Replacement ===

impl Replacement {
    /// Makes a file beside the target, which nobody else may read until its mode is known.
    fn create(target: PathBuf) -> io::Result<(File, Self)> {
        let mut error = io::Error::from(io::ErrorKind::AlreadyExists);
        for _ in 0..NAMES_MAX {
            let name = format!(".dockeeper-export-{:016x}", fastrand::u64(..));
            let part = target.with_file_name(name);
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).mode(MODE_NEW);
            match options.open(&part) {
                Ok(file) => return Ok((file, Self::new(part, target))),
                Err(failed) if failed.kind() == io::ErrorKind::AlreadyExists => error = failed,
                Err(failed) => return Err(failed),
            }
        }
        Err(error)
    }

    fn new(part: PathBuf, target: PathBuf) -> Self {
        Self {
            part,
            target,
            is_placed: false,
        }
    }

    fn place(&mut self) -> io::Result<()> {
        fs::rename(&self.part, &self.target)?;
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.is_placed {
            // What is there of it is of no use.
            drop(fs::remove_file(&self.part));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{FileTypeExt, symlink};
    use tempfile::TempDir;

    fn written(path: &Path) -> anyhow::Result<()> {
        let mut output = Output::open_now(path)?;
        output.write("new\n")?;
        output.finish()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & MODE_MASK
    }

    fn names(directory: &TempDir) -> Vec<String> {
        let entries = fs::read_dir(directory.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_new_file_is_private_and_one_that_is_there_keeps_its_mode() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        fs::write(directory.path().join("f.part"), "mine").unwrap();
        written(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        written(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new\n");
        assert_eq!(mode(&path), 0o640);
        assert_eq!(names(&directory), ["f", "f.part"]);
        assert_eq!(fs::read(directory.path().join("f.part")).unwrap(), b"mine");
    }

    #[test]
    fn a_link_stays_and_what_it_names_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let (link, target) = (directory.path().join("link"), directory.path().join("f"));
        symlink("f", &link).unwrap();
        let error = written(&link).unwrap_err();
        assert!(
            format!("{error:#}").contains("link to nothing"),
            "{error:#}"
        );
        fs::write(&target, "old").unwrap();
        written(&link).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"new\n");
        assert_eq!(names(&directory), ["f", "link"]);
    }

    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("full");
        symlink("/dev/full", &link).unwrap();
        let error = written(&link).unwrap_err();
        assert!(format!("{error:#}").contains("No space left"), "{error:#}");
        assert!(fs::metadata(&link).unwrap().file_type().is_char_device());
        assert_eq!(names(&directory), ["full"]);
        written(Path::new("/dev/null")).unwrap();
        assert!(
            fs::metadata("/dev/null")
                .unwrap()
                .file_type()
                .is_char_device()
        );
    }

    #[test]
    fn what_is_not_finished_is_not_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        fs::write(&path, "old").unwrap();
        let mut output = Output::open_now(&path).unwrap();
        output.write("new").unwrap();
        drop(output);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(&directory), ["f"]);
    }
}
