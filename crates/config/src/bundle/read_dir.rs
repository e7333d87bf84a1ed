//! Reads a bundle's files from a directory, and nothing that lies elsewhere.

mod error;

pub use error::ReadError;

use super::{BUNDLE_LEN_MAX, Bundle, BundleFile, Error, FILE_LEN_MAX, FILES_MAX, MODE_MASK};
use bytes::Bytes;
use dockeeper_model::config::FilePath;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fstat, openat, statat},
    io::Errno,
};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// How many names are looked at, folders among them.
const NAMES_MAX: usize = 10 * FILES_MAX;

/// Whose the files are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Those who own them in the directory.
    Same,
    /// This user and this group, as the container counts them.
    These {
        /// The user.
        uid: u32,
        /// The group.
        gid: u32,
    },
}

struct Reading<'a> {
    root: &'a Path,
    owner: Owner,
    bundle: Bundle,
    len: usize,
    names: usize,
}

/// Reads a bundle's files from a directory: all that it has, but empty folders. No symbolic link is
/// followed, not even the directory itself, so that nothing from elsewhere gets in, also when
/// somebody exchanges names meanwhile. Of a file's mode, the permission bits are taken.
///
/// # Errors
///
/// See [`ReadError`].
pub fn read_dir(dir: &Path, owner: Owner) -> Result<Bundle, ReadError> {
    let mut reading = Reading {
        root: dir,
        owner,
        bundle: Bundle::default(),
        len: 0,
        names: 0,
    };
    let kind = file_type(&statat(CWD, dir, AtFlags::SYMLINK_NOFOLLOW).map_err(io_of(dir))?);
    if kind != FileType::Directory {
        let path = dir.to_owned();
        let why = io::ErrorKind::NotADirectory.into();
        return Err(match name_of(kind) {
            Some(kind) => ReadError::Kind { path, kind },
            None => ReadError::Io { path, why },
        });
    }
    let fd = open(CWD, dir, OFlags::DIRECTORY).map_err(io_of(dir))?;
    reading.folder(&fd, "")?;
    match reading.bundle.check() {
        Ok(()) => Ok(reading.bundle),
        Err(why) => Err(ReadError::Bundle {
            path: dir.to_owned(),
            why,
        }),
    }
}

// === impl Reading ===

impl Reading<'_> {
    /// As deep as a path may be: deeper ones are no [`FilePath`].
    fn folder(&mut self, fd: &OwnedFd, prefix: &str) -> Result<(), ReadError> {
        let here = self.root.join(prefix);
        for entry in Dir::read_from(fd).map_err(io_of(&here))? {
            let entry = entry.map_err(io_of(&here))?;
            let name = entry.file_name().to_bytes();
            if matches!(name, b"." | b"..") {
                continue;
            }
            self.names += 1;
            if self.names > NAMES_MAX {
                return Err(ReadError::TooManyNames(self.root.to_owned()));
            }
            let shown = String::from_utf8_lossy(name);
            let place = here.join(&*shown);
            let bad_name = |why: String| ReadError::Name {
                path: place.clone(),
                why,
            };
            let name =
                str::from_utf8(name).map_err(|_| bad_name("its name is not UTF-8".to_owned()))?;
            let path = format!("{prefix}{name}");
            let path = path
                .parse::<FilePath>()
                .map_err(|why| bad_name(format!("{why}")))?;
            self.entry(fd, name, path, &place)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        folder: &OwnedFd,
        name: &str,
        path: FilePath,
        place: &Path,
    ) -> Result<(), ReadError> {
        // What is not to be read is not opened either: that alone makes some devices do something.
        let kind =
            file_type(&statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).map_err(io_of(place))?);
        if let Some(kind) = name_of(kind) {
            let path = place.to_owned();
            return Err(ReadError::Kind { path, kind });
        }
        if kind == FileType::Directory {
            let fd = open(folder, name, OFlags::DIRECTORY).map_err(io_of(place))?;
            return self.folder(&fd, &format!("{path}/"));
        }
        let fd = open(folder, name, OFlags::NONBLOCK | OFlags::NOCTTY).map_err(io_of(place))?;
        let file = self.file(fd, place)?;
        self.len += file.content.len();
        self.bundle.files.insert(path, file);
        let why = if self.bundle.files.len() > FILES_MAX {
            Error::TooManyFiles
        } else if self.len > BUNDLE_LEN_MAX {
            Error::TooLong
        } else {
            return Ok(());
        };
        let path = self.root.to_owned();
        Err(ReadError::Bundle { path, why })
    }

    fn file(&self, fd: OwnedFd, place: &Path) -> Result<BundleFile, ReadError> {
        let before = fstat(&fd).map_err(io_of(place))?;
        if file_type(&before) != FileType::RegularFile {
            return Err(ReadError::Changed(place.to_owned()));
        }
        let mut content = Vec::new();
        let mut file = File::from(fd);
        let io = |why| ReadError::Io {
            path: place.to_owned(),
            why,
        };
        let mut bounded = (&mut file).take(FILE_LEN_MAX as u64 + 1);
        bounded.read_to_end(&mut content).map_err(io)?;
        if content.len() > FILE_LEN_MAX {
            return Err(ReadError::TooLong(place.to_owned()));
        }
        let after = fstat(&file).map_err(io_of(place))?;
        let state = |stat: &Stat| (stat.st_mtime, stat.st_mtime_nsec, stat.st_size);
        let has_all = u64::try_from(after.st_size).is_ok_and(|len| len == content.len() as u64);
        if state(&before) != state(&after) || !has_all {
            return Err(ReadError::Changed(place.to_owned()));
        }
        let (uid, gid) = match self.owner {
            Owner::Same => (after.st_uid, after.st_gid),
            Owner::These { uid, gid } => (uid, gid),
        };
        Ok(BundleFile {
            mode: after.st_mode & MODE_MASK,
            uid,
            gid,
            content: Bytes::from(content),
        })
    }
}

fn open<P: rustix::path::Arg>(
    folder: impl AsFd,
    name: P,
    flags: OFlags,
) -> rustix::io::Result<OwnedFd> {
    let flags = flags | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(folder, name, flags, Mode::empty())
}

fn file_type(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// What is refused, as people call it.
fn name_of(kind: FileType) -> Option<&'static str> {
    match kind {
        FileType::RegularFile | FileType::Directory => None,
        FileType::Symlink => Some("a symbolic link"),
        FileType::Fifo => Some("a pipe"),
        FileType::Socket => Some("a socket"),
        FileType::CharacterDevice | FileType::BlockDevice => Some("a device"),
        FileType::Unknown => Some("of an unknown kind"),
    }
}

fn io_of(path: &Path) -> impl Fn(Errno) -> ReadError {
    let path = path.to_owned();
    move |why| ReadError::Io {
        path: path.clone(),
        why: why.into(),
    }
}
