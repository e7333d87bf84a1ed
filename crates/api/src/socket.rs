use crate::{gate::Gate, peer::Peer};
use axum::Router;
use std::{
    fs, io,
    os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};
use tokio::net::{UnixListener, UnixStream};

/// Anybody who can reach the socket may use it: a container gets it only when somebody mounts it
/// there, and its processes have any user id. Every user of the host can reach it too, unless the
/// directory around it keeps them out.
const MODE: u32 = 0o666;

/// Of a socket that is for its owner alone.
const MODE_PRIVATE: u32 = 0o600;

/// The option that names the agent's own socket.
const OPTION: &str = "--socket";

/// The agent's socket. It is removed when this is dropped.
#[derive(Debug)]
pub struct Listener {
    // Before the listener: a socket that nobody serves any more is another agent's to replace.
    file: SocketFile,
    listener: UnixListener,
}

/// The file of a socket, which goes with it.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    id: Option<FileId>,
}

/// Which file a path stands for: its device and its inode.
type FileId = (u64, u64);

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {}: {error}; choose another path with {option}", .path.display())]
pub struct Error {
    path: PathBuf,
    option: &'static str,
    error: io::Error,
}

// === impl Listener ===

impl Listener {
    /// Listens on a path. The socket of an agent that is gone is replaced; one that somebody
    /// serves, or another kind of file, is left alone.
    pub async fn bind(path: &Path) -> Result<Self, Error> {
        Self::bind_as(path, MODE, OPTION).await
    }

    /// The same for a socket that is for its owner alone; an error names the option that says where
    /// it is.
    pub async fn bind_private(path: &Path, option: &'static str) -> Result<Self, Error> {
        Self::bind_as(path, MODE_PRIVATE, option).await
    }

    async fn bind_as(path: &Path, mode: u32, option: &'static str) -> Result<Self, Error> {
        let bound = Self::try_bind(path, mode).await;
        bound.map_err(|error| Error {
            path: path.to_owned(),
            option,
            error,
        })
    }

    async fn try_bind(path: &Path, mode: u32) -> io::Result<Self> {
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
        let file = SocketFile {
            path: path.to_owned(),
            id: id(path),
        };
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        Ok(Self { file, listener })
    }

    /// Has it served by somebody else until this future is dropped, and removes the socket then.
    pub async fn serve_with<F: Future>(self, serve: impl FnOnce(UnixListener) -> F) -> F::Output {
        let Self { file, listener } = self;
        let _file = file;
        serve(listener).await
    }

    /// Serves a router until this future is dropped, and removes the socket then.
    pub(crate) async fn serve(self, router: Router) -> io::Result<()> {
        let service = router.into_make_service_with_connect_info::<Peer>();
        let serve = |listener| axum::serve(Gate::new(listener), service).into_future();
        self.serve_with(serve).await
    }
}

// === impl SocketFile ===

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Not one that somebody else has put there meanwhile.
        if self.id.is_some()
            && self.id == id(&self.path)
            && let Err(error) = fs::remove_file(&self.path)
        {
            let path = self.path.display();
            tracing::warn!(%path, %error, "cannot remove the agent's socket");
        }
    }
}

fn id(path: &Path) -> Option<FileId> {
    let metadata = fs::symlink_metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
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
        // A killed agent's.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        drop(Listener::bind(&path).await.unwrap());
        fs::write(&path, "precious").unwrap();
        Listener::bind(&path).await.unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }

    #[tokio::test]
    async fn the_socket_goes_with_its_agent_and_nobody_elses_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let listener = Listener::bind(&path).await.unwrap();
        let serving = tokio::spawn(listener.serve(Router::new()));
        assert!(UnixStream::connect(&path).await.is_ok());
        serving.abort();
        assert!(serving.await.unwrap_err().is_cancelled());
        assert!(!path.exists());
        let replaced = Listener::bind(&path).await.unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "precious").unwrap();
        drop(replaced);
        assert!(path.exists());
    }
}
