use super::{Disk, DiskError, File};
use rustix::{
    fs::{FallocateFlags, fallocate, statvfs},
    io::Errno,
    rand::{GetRandomFlags, getrandom},
};
use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Only the server's own user may read what clients store.
const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// How much is written at once where a file system cannot reserve space.
const ZEROS_LEN: usize = 1024 * 1024;

/// A directory of the system.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// Kept open for `fsync`.
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
        let made = builder.create(path);
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
        for entry in fs::read_dir(&self.path)? {
            // No name of ours is anything but ASCII.
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn File>> {
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let file = options.mode(FILE_MODE).open(self.path(name))?;
        Ok(Box::new(file))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn File>> {
        let mut options = fs::OpenOptions::new();
        let file = options.read(true).write(true).open(self.path(name))?;
        Ok(Box::new(file))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }

    fn sync(&self) -> io::Result<()> {
        self.handle.sync_all()
    }

    fn free(&self) -> io::Result<u64> {
        let stat = statvfs(&self.path)?;
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

impl File for fs::File {
    fn len(&self) -> io::Result<u64> {
        self.metadata().map(|metadata| metadata.len())
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < bytes.len() {
            match FileExt::read_at(self, &mut bytes[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(len) => done += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        loop {
            match fallocate(self, FallocateFlags::empty(), 0, len) {
                Ok(()) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(Errno::OPNOTSUPP | Errno::NOSYS) => return fill_with_zeros(self, len),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Takes space where the file system cannot reserve it: network file systems, mostly.
fn fill_with_zeros(file: &fs::File, len: u64) -> io::Result<()> {
    let zeros = vec![0; ZEROS_LEN];
    let mut offset = File::len(file)?;
    while offset < len {
        let part = zeros
            .len()
            .min((len - offset).try_into().unwrap_or(usize::MAX));
        file.write_all_at(&zeros[..part], offset)?;
        offset += part as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

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
        let mode = fs::metadata(disk.path("f")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, FILE_MODE);
    }

    #[test]
    fn zeros_are_as_good_as_a_reservation() {
        let file = tempfile::tempfile().unwrap();
        File::write_at(&file, b"abc", 0).unwrap();
        fill_with_zeros(&file, 3_000_000).unwrap();
        assert_eq!(File::len(&file).unwrap(), 3_000_000);
        let mut read = [1; 4];
        File::read_at(&file, &mut read, 0).unwrap();
        assert_eq!(&read, b"abc\0");
        fill_with_zeros(&file, 5).unwrap();
        assert_eq!(File::len(&file).unwrap(), 3_000_000);
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
