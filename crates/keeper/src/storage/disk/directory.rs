use super::{Disk, DiskError, File};
use rustix::{
    fs::{AtFlags, Dir, Mode, OFlags, fstatvfs, openat, renameat, unlinkat},
    rand::{GetRandomFlags, getrandom},
};
use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// Only the server's own user may read what clients store.
const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: Mode = Mode::from_raw_mode(0o600);

/// How every file is opened.
const OPEN: OFlags = OFlags::RDWR.union(OFlags::CLOEXEC);

/// A directory of the system: always the one that was opened, also when it is moved and another
/// takes its path.
#[derive(Debug)]
pub struct Directory {
    /// Where it was, for messages.
    path: PathBuf,
    handle: fs::File,
}

// === impl Directory ===

impl Directory {
    /// Opens a directory; makes it, and those above it, when there is none.
    ///
    /// # Errors
    /// The directory cannot be made or opened.
    pub fn open(path: &Path) -> Result<Self, DiskError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(DIRECTORY_MODE);
        let made = builder.create(path).map_err(|error| match error.kind() {
            // The file that is there is no directory.
            io::ErrorKind::AlreadyExists => io::ErrorKind::NotADirectory.into(),
            _ => error,
        });
        made.map_err(DiskError::of("make the directory", path))?;
        let handle = fs::File::open(path).map_err(DiskError::of("open", path))?;
        Ok(Self {
            path: path.to_owned(),
            handle,
        })
    }
}

impl Disk for Directory {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.handle)? {
            let entry = entry?;
            // No name of ours is anything but ASCII.
            let name = entry.file_name().to_str().ok();
            names.extend(
                name.filter(|name| !matches!(*name, "." | ".."))
                    .map(str::to_owned),
            );
        }
        Ok(names)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn File>> {
        let flags = OPEN | OFlags::CREATE | OFlags::EXCL;
        let file = openat(&self.handle, name, flags, FILE_MODE)?;
        Ok(Box::new(fs::File::from(file)))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn File>> {
        let file = openat(&self.handle, name, OPEN, Mode::empty())?;
        Ok(Box::new(fs::File::from(file)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(renameat(&self.handle, from, &self.handle, to)?)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.handle, name, AtFlags::empty())?)
    }

    fn sync(&self) -> io::Result<()> {
        self.handle.sync_all()
    }

    fn free(&self) -> io::Result<u64> {
        let stat = fstatvfs(&self.handle)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    fn random(&self, mut bytes: &mut [u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let len = getrandom(&mut *bytes, GetRandomFlags::empty())?;
            bytes = &mut bytes[len..];
        }
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_taken_and_what_is_there_stays() {
        let dir = tempfile::tempdir().unwrap();
        let disk = Directory::open(&dir.path().join("a/b")).unwrap();
        let file = disk.create("f").unwrap();
        file.write_at(b"abc", 1).unwrap();
        file.allocate(100_000).unwrap();
        let mut read = vec![1; 200_000];
        assert_eq!(file.read_at(&mut read, 0).unwrap(), 100_000);
        assert_eq!(&read[..5], b"\0abc\0");
        assert!(read[5..100_000].iter().all(|byte| *byte == 0));
        file.allocate(10).unwrap();
        assert_eq!(file.len().unwrap(), 100_000);
        assert_eq!(file.mode().unwrap(), FILE_MODE.as_raw_mode());
    }

    #[test]
    fn a_directory_that_is_moved_stays_the_one() {
        let dir = tempfile::tempdir().unwrap();
        let (here, there) = (dir.path().join("d"), dir.path().join("d2"));
        let disk = Directory::open(&here).unwrap();
        disk.create("old").unwrap();
        fs::rename(&here, &there).unwrap();
        fs::create_dir(&here).unwrap();
        disk.create("new").unwrap();
        disk.create("gone").unwrap();
        disk.rename("old", "renamed").unwrap();
        disk.remove("gone").unwrap();
        disk.open("renamed").unwrap();
        disk.sync().unwrap();
        let mut names = disk.list().unwrap();
        names.sort_unstable();
        assert_eq!(names, ["new", "renamed"]);
        assert_eq!(fs::read_dir(&here).unwrap().count(), 0);
        assert_eq!(fs::read_dir(&there).unwrap().count(), 2);
    }

    #[test]
    fn a_file_in_the_place_of_the_directory_is_told_of() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for path in [file.path().to_owned(), file.path().join("below")] {
            let error = Directory::open(&path).unwrap_err().to_string();
            assert!(error.contains("move it out of the way"), "{error}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let disk = Directory::open(dir.path()).unwrap();
        let path = disk.path("key");
        let error = disk.open("key").err().map(DiskError::of("open", &path));
        let text = error.unwrap().to_string();
        assert!(
            text.starts_with(&format!("cannot open {}: ", path.display())),
            "{text}"
        );
    }
}
