use std::{
    fs, io,
    os::unix::{fs::FileTypeExt, fs::PermissionsExt},
    path::{Path, PathBuf},
};
use tokio::net::{UnixListener, UnixStream};

/// Anybody who can reach the socket may use it: a container gets it only when somebody mounts it
/// there, and its processes have any user id.
const MODE: u32 = 0o666;

/// The agent's socket.
#[derive(Debug)]
pub struct Listener {
    listener: UnixListener,
}

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {}: {error}; choose another path with --socket", .path.display())]
pub struct Error {
    path: PathBuf,
    error: io::Error,
}

// === impl Listener ===

impl Listener {
    /// Listens on a path. The socket of an agent that is gone is replaced; one that somebody
    /// serves, or another kind of file, is left alone.
    pub async fn bind(path: &Path) -> Result<Self, Error> {
        let bound = Self::try_bind(path).await;
        bound.map_err(|error| Error {
            path: path.to_owned(),
            error,
        })
    }

    async fn try_bind(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        if let Ok(metadata) = fs::symlink_metadata(path) {
            if !metadata.file_type().is_socket() || UnixStream::connect(path).await.is_ok() {
                return Err(io::ErrorKind::AddrInUse.into());
            }
            fs::remove_file(path)?;
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(MODE))?;
        Ok(Self { listener })
    }

    pub(crate) fn into_inner(self) -> UnixListener {
        self.listener
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dead_agents_socket_is_replaced_and_a_live_ones_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run/agent.sock");
        let live = Listener::bind(&path).await.unwrap();
        let error = Listener::bind(&path).await.unwrap_err().to_string();
        assert!(error.contains("--socket"), "{error}");
        drop(live);
        Listener::bind(&path).await.unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "precious").unwrap();
        Listener::bind(&path).await.unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }
}
