//! The file that an export is written to.

use super::{replacement::Replacement, sink::Sink};
use anyhow::{Context, anyhow};
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};
use tokio::task::spawn_blocking;

/// Where an export goes. A plain file is there only as a whole, in the place of the one before;
/// anything else, such as a pipe or a device, is written to as it is.
#[derive(Debug)]
pub(super) struct Output {
    sink: Sink<File>,
    path: PathBuf,
    replacement: Option<Replacement>,
}

// === impl Output ===

impl Output {
    /// Opens it by a thread of its own: a pipe that nobody reads must not hold up the session.
    pub(super) async fn open(path: &Path) -> anyhow::Result<Self> {
        let to_open = path.to_owned();
        let opened = spawn_blocking(move || open(&to_open))
            .await
            .context("the thread that opens the file")?;
        let (file, replacement) =
            opened.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            sink: Sink::new(file),
            path: path.to_owned(),
            replacement,
        })
    }

    pub(super) async fn write(&mut self, lines: String) -> anyhow::Result<()> {
        let written = self.sink.write(lines).await;
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Waits until all is written. Without it there is no file.
    pub(super) async fn finish(self) -> anyhow::Result<()> {
        let Self {
            sink,
            path,
            replacement,
        } = self;
        let finish = async {
            let file = sink.finish().await?;
            if let Some(mut replacement) = replacement {
                file.sync_all()?;
                replacement.place()?;
            }
            Ok(())
        };
        let finished: anyhow::Result<()> = finish.await;
        finished.with_context(|| format!("cannot write {}", path.display()))
    }
}

fn open(path: &Path) -> anyhow::Result<(File, Option<Replacement>)> {
    let (target, there) = match fs::metadata(path) {
        Ok(there) if there.is_file() => (fs::canonicalize(path)?, Some(there)),
        Ok(_) => return Ok((OpenOptions::new().write(true).open(path)?, None)),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        Err(_) if path.is_symlink() => {
            return Err(anyhow!(
                "it is a symbolic link to nothing: remove it, or name its target"
            ));
        }
        Err(_) if path.as_os_str().as_bytes().ends_with(b"/") => {
            return Err(anyhow!("it ends with / and there is no such directory"));
        }
        Err(_) => (path.to_owned(), None),
    };
    let (file, replacement) = Replacement::create(&target, there.as_ref())?;
    Ok((file, Some(replacement)))
}

#[cfg(test)]
mod tests {
    use super::{super::replacement::MODE_MASK, *};
    use std::{
        fs::Permissions,
        os::unix::fs::{FileTypeExt, PermissionsExt, symlink},
    };
    use tempfile::TempDir;

    async fn written(path: &Path) -> anyhow::Result<()> {
        let mut output = Output::open(path).await?;
        output.write("new\n".to_owned()).await?;
        output.finish().await
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

    #[tokio::test]
    async fn a_new_file_is_private_and_one_that_is_there_keeps_its_mode() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        fs::write(directory.path().join("f.part"), "mine").unwrap();
        written(&path).await.unwrap();
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        written(&path).await.unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new\n");
        assert_eq!(mode(&path), 0o640);
        assert_eq!(names(&directory), ["f", "f.part"]);
        assert_eq!(fs::read(directory.path().join("f.part")).unwrap(), b"mine");
    }

    #[tokio::test]
    async fn a_link_stays_and_what_it_names_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let (link, target) = (directory.path().join("link"), directory.path().join("f"));
        symlink("f", &link).unwrap();
        let error = written(&link).await.unwrap_err();
        assert!(
            format!("{error:#}").contains("link to nothing"),
            "{error:#}"
        );
        fs::write(&target, "old").unwrap();
        written(&link).await.unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"new\n");
        assert_eq!(names(&directory), ["f", "link"]);
    }

    #[tokio::test]
    async fn a_device_is_written_to_and_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("full");
        symlink("/dev/full", &link).unwrap();
        let error = written(&link).await.unwrap_err();
        assert!(format!("{error:#}").contains("No space left"), "{error:#}");
        assert!(fs::metadata(&link).unwrap().file_type().is_char_device());
        assert_eq!(names(&directory), ["full"]);
        written(Path::new("/dev/null")).await.unwrap();
        assert!(
            fs::metadata("/dev/null")
                .unwrap()
                .file_type()
                .is_char_device()
        );
    }

    #[tokio::test]
    async fn what_is_not_finished_is_not_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        fs::write(&path, "old").unwrap();
        let mut output = Output::open(&path).await.unwrap();
        output.write("new".to_owned()).await.unwrap();
        drop(output);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(&directory), ["f"]);
    }

    #[tokio::test]
    async fn a_directory_that_is_missing_is_told_of_at_once() {
        let directory = tempfile::tempdir().unwrap();
        for (name, expected) in [
            ("newdir/", "it ends with / and there is no such directory"),
            ("newdir/f", "cannot make a file in"),
        ] {
            let path = directory.path().join(name);
            let error = format!("{:#}", written(&path).await.unwrap_err());
            assert!(error.contains(expected), "{error}");
        }
    }
}
