use crate::Error;
use dockeeper_model::NodeName;
use dockeeper_zk_client::{ConnectString, SavedSession};
use rustix::fs::{FlockOperation, flock};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

const LOCK: &str = "lock";
const SESSION: &str = "session";
const SERVERS: &str = "servers";
const CHROOT: &str = "chroot";
const NODE: &str = "node";
const ELECTIONS: &str = "elections";
const IDENTITY: &str = "identity";
const VOLUMES: &str = "volumes";
const CONFIGURATION: &str = "config";
const ANSWERS: &str = "answers";

/// More than a process id takes.
const PID_LEN_MAX: u64 = 32;

/// The directory of what has to survive the agent, held by one process at a time.
#[derive(Debug)]
pub(crate) struct StateDir {
    path: PathBuf,
    /// Locked for as long as it is open; the system unlocks it however the process ends.
    _lock: File,
}

/// The session of an earlier process.
#[derive(Debug)]
pub(crate) struct Saved {
    pub(crate) session: SavedSession,
    pub(crate) chroot: String,
    /// The name under which the agent ran that saved it; `None` where it did not say.
    pub(crate) node: Option<String>,
}

// === impl StateDir ===

impl StateDir {
    /// Makes the directory if it is missing, and takes its lock.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let fail = |action, error| Error::StateDir {
            action,
            path: path.to_owned(),
            error,
        };
        // The session's password lies in it.
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder
            .create(path)
            .map_err(|error| fail("create", error))?;
        let lock = path.join(LOCK);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(lock)
            .map_err(|error| fail("open the lock in", error))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(error) if error == rustix::io::Errno::WOULDBLOCK => {
                return Err(Error::AlreadyRunning {
                    path: path.to_owned(),
                    pid: read_pid(&lock),
                });
            }
            Err(error) => return Err(fail("lock", error.into())),
        }
        write_pid(&mut lock).map_err(|error| fail("write the lock in", error))?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// The session of an earlier process. One that cannot be read is lost: its znodes end with its
    /// time-out.
    pub(crate) fn session(&self) -> Option<Saved> {
        let session = SavedSession::load(&self.path.join(SESSION));
        let chroot = fs::read_to_string(self.path.join(CHROOT));
        match (session, chroot) {
            (Ok(Some(session)), Ok(chroot)) => Some(Saved {
                session,
                chroot,
                node: fs::read_to_string(self.path.join(NODE)).ok(),
            }),
            (Ok(None), _) => None,
            (Err(error), _) | (_, Err(error)) => {
                let path = self.path.display();
                tracing::warn!(%path, %error, "cannot read the last session; beginning a new one");
                None
            }
        }
    }

    pub(crate) fn save(
        &self,
        session: &SavedSession,
        servers: &ConnectString,
        node: &NodeName,
    ) -> Result<(), Error> {
        let saved = fs::write(self.path.join(CHROOT), servers.chroot())
            .and_then(|()| fs::write(self.path.join(SERVERS), servers.to_string()))
            .and_then(|()| fs::write(self.path.join(NODE), node.as_str()))
            .and_then(|()| session.save(&self.path.join(SESSION)));
        saved.map_err(|error| Error::StateDir {
            action: "save the session in",
            path: self.path.clone(),
            error,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The file that says which containers were told that they lead.
    pub(crate) fn elections(&self) -> PathBuf {
        self.path.join(ELECTIONS)
    }

    /// The file with what decrypts the secrets that this host may read.
    pub(crate) fn identity(&self) -> PathBuf {
        self.path.join(IDENTITY)
    }

    /// The file that says which volumes were created.
    pub(crate) fn volumes(&self) -> PathBuf {
        self.path.join(VOLUMES)
    }

    /// The folder of the releases that containers run.
    pub(crate) fn configuration(&self) -> PathBuf {
        self.path.join(CONFIGURATION)
    }

    /// The folder of what templates were answered last.
    pub(crate) fn answers(&self) -> PathBuf {
        self.path.join(ANSWERS)
    }

    /// Forgets a session that is over.
    pub(crate) fn forget(&self) {
        if let Err(error) = fs::remove_file(self.path.join(SESSION))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "cannot remove the ended session from the state directory");
        }
    }
}

/// The process that holds a directory; `None` when none does.
pub(crate) fn holder(path: &Path) -> Option<i32> {
    let lock = File::open(path.join(LOCK)).ok()?;
    match flock(&lock, FlockOperation::NonBlockingLockShared) {
        Err(error) if error == rustix::io::Errno::WOULDBLOCK => read_pid(&lock),
        _ => None,
    }
}

/// Whether a session is kept in a directory, which is not changed.
pub(crate) fn has_session(path: &Path) -> Result<bool, Error> {
    let found = fs::exists(path.join(SESSION));
    found.map_err(|error| Error::StateDir {
        action: "look into",
        path: path.to_owned(),
        error,
    })
}

/// The ZooKeeper of the session that is kept in a directory, if it is known.
pub(crate) fn servers(path: &Path) -> Option<ConnectString> {
    fs::read_to_string(path.join(SERVERS)).ok()?.parse().ok()
}

fn read_pid(mut lock: &File) -> Option<i32> {
    let mut text = String::new();
    lock.rewind().ok()?;
    lock.take(PID_LEN_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn write_pid(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    writeln!(lock, "{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        assert_eq!(holder(&path), None);
        let first = StateDir::open(&path).unwrap();
        let pid = i32::try_from(std::process::id()).unwrap();
        assert_eq!(holder(&path), Some(pid));
        let error = StateDir::open(&path).unwrap_err().to_string();
        assert!(
            error.contains(&format!("(process {pid}) is already running")),
            "{error}"
        );
        drop(first);
        assert_eq!(holder(&path), None);
        assert!(StateDir::open(&path).unwrap().session().is_none());
    }
}
