//! Where all volumes of a host lie.

use super::{Error, Mount, MountId, Remap, Result, VolumeName, record, tmpfs, tree::Tree};
use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

/// The folder in the run directory.
const FOLDER: &str = "volumes";

/// Who is no container's root has no way to a volume but through a container. The group is that of
/// the containers' root, who has to pass on the way when Docker mounts a volume for it.
const MODE: u32 = 0o710;

/// Where all volumes of a host lie: `<run directory>/volumes`.
#[derive(Clone, Debug)]
pub struct Root {
    path: PathBuf,
    remap: Remap,
}

// === impl Root ===

impl Root {
    /// Makes the folder, if it is not there. The run directory is the agent's own, and there.
    pub fn open(run_dir: &Path, remap: Remap) -> Result<Self> {
        // As the kernel calls it: that is how processes' lists of mounts have it.
        let canonical = run_dir.canonicalize();
        let canonical = canonical.map_err(|error| failed("find", run_dir, error))?;
        let path = canonical.join(FOLDER);
        let root = Self { path, remap };
        root.make_folder(&root.path)?;
        Ok(root)
    }

    /// The file system for a mount, and what lies in it. One that is there already is taken over.
    pub fn create(&self, volume: &VolumeName, id: &MountId) -> Result<Mount> {
        let folder = self.path.join(volume.as_str());
        self.make_folder(&folder)?;
        let path = folder.join(id.as_str());
        create_folder(&path)?;
        if !is_mounted(&path)? {
            // What is known is of a file system that is gone.
            remove_record(&path)?;
            tmpfs::make(&path, &format!("dockeeper:{volume}"), self.remap.root())?;
        }
        Mount::adopt(volume.clone(), id.clone(), Tree::open(path)?, self.remap)
    }

    /// The mounts that are there: those that an earlier agent made. What is only the beginning of
    /// one goes.
    pub fn mounts(&self) -> Result<Vec<(VolumeName, MountId)>> {
        let mut mounts = Vec::new();
        for volume in folders(&self.path)? {
            let Ok(name) = volume.parse::<VolumeName>() else {
                continue;
            };
            let folder = self.path.join(&volume);
            for mount in folders(&folder)? {
                let Ok(id) = mount.parse::<MountId>() else {
                    continue;
                };
                if is_mounted(&folder.join(&mount))? {
                    mounts.push((name.clone(), id));
                } else {
                    self.remove(&name, &id)?;
                }
            }
        }
        Ok(mounts)
    }

    /// Wipes a mount and takes it away. Without one it does nothing. A container that still has it
    /// sees an empty volume.
    pub fn remove(&self, volume: &VolumeName, id: &MountId) -> Result<()> {
        let folder = self.path.join(volume.as_str());
        let path = folder.join(id.as_str());
        if path.is_dir() {
            if is_mounted(&path)? {
                let wiped = Tree::open(path.clone()).and_then(|tree| tree.wipe());
                if let Err(error) = wiped {
                    let path = path.display();
                    tracing::warn!(%path, %error, "cannot wipe a volume that is unmounted");
                }
            }
            tmpfs::remove(&path)?;
            fs::remove_dir(&path).map_err(|error| failed("remove", &path, error))?;
        }
        remove_record(&path)?;
        match fs::remove_dir(&folder) {
            Err(error)
                if !matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty
                ) =>
            {
                Err(failed("remove", &folder, error))
            }
            _ => Ok(()),
        }
    }

    /// Makes a folder that leads to volumes, if it is not there, and protects it in any case.
    fn make_folder(&self, path: &Path) -> Result<()> {
        create_folder(path)?;
        let gid = Some(self.remap.root().gid);
        chown(path, Some(0), gid).map_err(|error| failed("change the group of", path, error))?;
        let permissions = fs::Permissions::from_mode(MODE);
        fs::set_permissions(path, permissions).map_err(|error| failed("protect", path, error))
    }
}

/// Whether a directory is another file system than the one around it.
fn is_mounted(path: &Path) -> Result<bool> {
    let device = |path: &Path| {
        let metadata = fs::symlink_metadata(path);
        metadata.map_err(|error| failed("look at", path, error))
    };
    let around = path.parent().unwrap_or(path);
    Ok(device(path)?.dev() != device(around)?.dev())
}

fn folders(path: &Path) -> Result<Vec<String>> {
    let list = |error| failed("list", path, error);
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(list)? {
        let entry = entry.map_err(list)?;
        if entry.file_type().map_err(list)?.is_dir()
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    Ok(names)
}

/// For root alone, until it is given to somebody.
fn create_folder(path: &Path) -> Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(failed("create", path, error))
        }
        _ => Ok(()),
    }
}

fn remove_record(mount: &Path) -> Result<()> {
    record::remove(mount).map_err(|error| failed("remove the record of", mount, error))
}

fn failed(action: &'static str, path: &Path, error: io::Error) -> Error {
    Error::File {
        action,
        path: path.to_owned(),
        error,
    }
}
