//! Writes a bundle's files into a directory, and nowhere else.

use super::{Bundle, BundleFile};
use dockeeper_model::config::FilePath;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{
        AtFlags, CWD, Mode, OFlags, RenameFlags, fchmod, mkdirat, openat, renameat_with, statat,
        unlinkat,
    },
    io::Errno,
};
use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What becomes of files that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// They stay, and nothing is written.
    No,
    /// They are replaced.
    Yes,
}

/// Why a bundle cannot be written to a directory.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The system refused. What was written before is there.
    #[error("cannot write {}: {why}", .path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// Something is there already.
    #[error("{} is there already: choose another directory, or have it overwritten", .0.display())]
    Exists(PathBuf),
    /// A folder on the way is none, or a symbolic link, which may lead anywhere.
    #[error("{} is not a folder, or a symbolic link to one: remove it first", .0.display())]
    NoFolder(PathBuf),
}

/// Writes a bundle's files into a directory, which is made if it is missing, with their modes; they
/// belong to who writes them. The values are not files: they stay out.
///
/// Each file appears as a whole. No symbolic link below the directory is followed, also when
/// somebody exchanges names meanwhile: one in the place of a file is replaced.
///
/// # Errors
///
/// See [`ExportError`].
pub fn export(bundle: &Bundle, dir: &Path, overwrite: Overwrite) -> Result<(), ExportError> {
    // Whoever names the directory may name a link: it is theirs.
    make(CWD, dir).map_err(io_of(dir))?;
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, dir, flags, Mode::empty()).map_err(io_of(dir))?;
    if overwrite == Overwrite::No {
        for path in bundle.files.keys() {
            if is_there(&root, path) {
                return Err(ExportError::Exists(dir.join(path.as_str())));
            }
        }
    }
    for (path, file) in &bundle.files {
        write(&root, dir, path, file, overwrite)?;
    }
    Ok(())
}

/// A look before anything is written. What counts is that the write itself replaces nothing.
fn is_there(root: &OwnedFd, path: &FilePath) -> bool {
    statat(root, path.as_str(), AtFlags::SYMLINK_NOFOLLOW).is_ok()
}

fn write(
    root: &OwnedFd,
    dir: &Path,
    path: &FilePath,
    file: &BundleFile,
    overwrite: Overwrite,
) -> Result<(), ExportError> {
    let mut place = dir.to_owned();
    let mut names = path.names().peekable();
    let mut folder: Option<OwnedFd> = None;
    while let Some(name) = names.next() {
        place.push(name);
        let within = folder.as_ref().unwrap_or(root);
        if names.peek().is_none() {
            return write_file(within, name, &place, file, overwrite);
        }
        make(within, name).map_err(io_of(&place))?;
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        folder = match openat(within, name, flags, Mode::empty()) {
            Ok(fd) => Some(fd),
            Err(Errno::NOTDIR | Errno::LOOP) => return Err(ExportError::NoFolder(place)),
            Err(why) => return Err(io_of(&place)(why)),
        };
    }
    Ok(())
}

/// Makes a folder, if there is nothing of its name.
fn make<P: rustix::path::Arg>(within: impl AsFd, name: P) -> rustix::io::Result<()> {
    match mkdirat(within, name, Mode::from(0o755)) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(why) => Err(why),
    }
}

fn write_file(
    folder: &OwnedFd,
    name: &str,
    place: &Path,
    file: &BundleFile,
    overwrite: Overwrite,
) -> Result<(), ExportError> {
    // Shorter than the longest name, which the file itself may have.
    let draft = format!(".dockeeper-{:016x}", fastrand::u64(..));
    let written = write_draft(folder, &draft, file).and_then(|()| {
        let flags = match overwrite {
            Overwrite::No => RenameFlags::NOREPLACE,
            Overwrite::Yes => RenameFlags::empty(),
        };
        Ok(renameat_with(folder, &*draft, folder, name, flags)?)
    });
    let Err(why) = written else {
        return Ok(());
    };
    // It may never have been made.
    let _ = unlinkat(folder, &*draft, AtFlags::empty());
    let path = place.to_owned();
    Err(match why.kind() {
        io::ErrorKind::AlreadyExists => ExportError::Exists(path),
        _ => ExportError::Io { path, why },
    })
}

fn write_draft(folder: &OwnedFd, draft: &str, file: &BundleFile) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let fd = openat(folder, draft, flags, Mode::from(0o600))?;
    let mut out = File::from(fd);
    out.write_all(&file.content)?;
    // Not at the creation, where the umask takes bits away.
    fchmod(&out, Mode::from(file.mode))?;
    Ok(())
}

fn io_of(path: &Path) -> impl Fn(Errno) -> ExportError {
    let path = path.to_owned();
    move |why| ExportError::Io {
        path: path.clone(),
        why: why.into(),
    }
}
