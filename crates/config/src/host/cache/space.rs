//! How much the cache takes of the disk.

use super::{CacheError, INDEX_NAME};
use dockeeper_model::config::AppName;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// How many apps are kept: those that were kept last. More than a host has containers.
pub(super) const APPS_MAX: usize = 1000;

/// How much is kept, in bytes: a hundred apps that change from one release of the longest kind to
/// another.
pub(super) const LEN_MAX: u64 = 4 << 30;

/// An app's folder.
struct Folder {
    path: PathBuf,
    len: u64,
    /// When its index was written.
    kept_at: SystemTime,
}

/// Removes what was kept longest ago, until `app` can have so many bytes more.
pub(super) fn make_room(root: &Path, app: &AppName, len: u64) -> Result<(), CacheError> {
    make_room_within(root, app, len, APPS_MAX, LEN_MAX)
}

fn make_room_within(
    root: &Path,
    app: &AppName,
    len: u64,
    apps_max: usize,
    len_max: u64,
) -> Result<(), CacheError> {
    let failed = |path: &Path, error| CacheError::Io {
        action: "make room in",
        path: path.to_owned(),
        error,
    };
    let own = root.join(app.as_str());
    let mut folders = folders(root).map_err(|error| failed(root, error))?;
    let mut total = len + folders.iter().map(|folder| folder.len).sum::<u64>();
    folders.retain(|folder| folder.path != own);
    folders.sort_by_key(|folder| folder.kept_at);
    let mut left = folders.len();
    for folder in folders {
        if left < apps_max && total <= len_max {
            return Ok(());
        }
        fs::remove_dir_all(&folder.path).map_err(|error| failed(&folder.path, error))?;
        left -= 1;
        total -= folder.len;
    }
    match total <= len_max {
        true => Ok(()),
        false => Err(CacheError::Full { app: app.clone() }),
    }
}

fn folders(root: &Path) -> io::Result<Vec<Folder>> {
    let entries = match fs::read_dir(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry?;
        // What is none of ours is left alone.
        if !entry.file_type()?.is_dir() {
            continue;
        }
        let path = entry.path();
        let mut len = 0;
        for file in fs::read_dir(&path)? {
            // Another app of this process may be changing its files just now.
            len += file?.metadata().map_or(0, |metadata| metadata.len());
        }
        let index = fs::metadata(path.join(INDEX_NAME));
        let kept_at = index.and_then(|index| index.modified());
        folders.push(Folder {
            path,
            len,
            kept_at: kept_at.unwrap_or(SystemTime::UNIX_EPOCH),
        });
    }
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs::File, time::Duration};

    /// Apps whose index was written at this time, with so long a content.
    fn apps(root: &Path, apps: &[(&str, u64, usize)]) {
        for (app, kept_at, len) in apps {
            let folder = root.join(app);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("content"), vec![0; *len]).unwrap();
            let index = File::create(folder.join(INDEX_NAME)).unwrap();
            let kept_at = SystemTime::UNIX_EPOCH + Duration::from_secs(*kept_at);
            index.set_modified(kept_at).unwrap();
        }
    }

    fn names(root: &Path) -> Vec<String> {
        let entries = fs::read_dir(root).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_was_kept_longest_ago_gives_way() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let app = "own".parse().unwrap();
        apps(
            root,
            &[("own", 1, 10), ("b", 3, 10), ("c", 2, 10), ("d", 4, 10)],
        );
        make_room_within(root, &app, 10, 4, 50).unwrap();
        assert_eq!(names(root), ["b", "c", "d", "own"]);
        make_room_within(root, &app, 11, 4, 50).unwrap();
        assert_eq!(names(root), ["b", "d", "own"]);
        make_room_within(root, &app, 10, 2, 50).unwrap();
        assert_eq!(names(root), ["d", "own"]);
        let full = make_room_within(root, &app, 41, 2, 50).unwrap_err();
        assert!(matches!(full, CacheError::Full { .. }), "{full}");
        assert_eq!(names(root), ["own"]);
    }

    #[test]
    fn a_cache_that_is_not_there_has_room() {
        let root = tempfile::tempdir().unwrap();
        let missing = root.path().join("missing");
        make_room(&missing, &"web".parse().unwrap(), 10).unwrap();
    }
}
