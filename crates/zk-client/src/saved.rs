//! A session outside the process that made it.

use dockeeper_zk_proto::connect::Password;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// More than a saved session takes; bounds what a wrong file can make us read.
const FILE_LEN_MAX: u64 = 4096;

/// A session's id and password: whoever has them can go on with it.
///
/// ```no_run
/// # use dockeeper_zk_client::{Client, Config, SavedSession};
/// # use std::path::Path;
/// # async fn example(config: Config, file: &Path) -> std::io::Result<()> {
/// let client = match SavedSession::load(file)? {
///     Some(session) => Client::resume(config, session),
///     None => Client::connect(config),
/// };
/// // Once it is connected:
/// if let Some(session) = client.session() {
///     session.save(file)?;
/// }
/// // The next process goes on with the session, and its ephemeral znodes stay.
/// client.detach().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSession {
    /// The session.
    pub id: i64,
    /// Its password.
    pub password: Password,
}

/// The file's content. Numbers beyond 53 bits get lost in many JSON readers, so both are text.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    session_id: String,
    password: String,
}

// === impl SavedSession ===

impl SavedSession {
    /// No session yet: what a client says that begins one.
    pub(crate) fn none() -> Self {
        Self {
            id: 0,
            password: Password::zero(),
        }
    }

    /// Writes the session to a file that only its owner can read, durably and as a whole.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let stored = Stored {
            session_id: format!("{:#x}", self.id),
            password: to_hex(&self.password.0),
        };
        let temporary = path.with_extension("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(&serde_json::to_vec(&stored)?)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }

    /// Reads a session; `None` when there is no file. A file with other content is an error of
    /// kind [`InvalidData`](io::ErrorKind::InvalidData).
    pub fn load(path: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut content = Vec::new();
        file.take(FILE_LEN_MAX).read_to_end(&mut content)?;
        let stored: Stored = serde_json::from_slice(&content)?;
        stored.parse().map(Some).ok_or_else(|| {
            let why = "the session's id or password is not in hexadecimal";
            io::Error::new(io::ErrorKind::InvalidData, why)
        })
    }
}

// === impl Stored ===

impl Stored {
    fn parse(&self) -> Option<SavedSession> {
        let id = u64::from_str_radix(self.session_id.strip_prefix("0x")?, 16).ok()?;
        Some(SavedSession {
            id: id.cast_signed(),
            password: Password(from_hex(&self.password)?.into()),
        })
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn session() -> SavedSession {
        SavedSession {
            id: -0x7fff_0000_0000_0001,
            password: Password(vec![0, 1, 0xfe, 0xff].into()),
        }
    }

    #[test]
    fn reads_what_it_wrote_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session");
        assert_eq!(SavedSession::load(&path).unwrap(), None);
        session().save(&path).unwrap();
        session().save(&path).unwrap();
        assert_eq!(SavedSession::load(&path).unwrap(), Some(session()));
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn refuses_other_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session");
        for content in [
            "",
            "{}",
            r#"{"session_id":"7","password":"00"}"#,
            r#"{"session_id":"0x7","password":"0"}"#,
            r#"{"session_id":"0x7","password":"zz"}"#,
            r#"{"session_id":"0x7","password":"00","more":1}"#,
        ] {
            fs::write(&path, content).unwrap();
            let error = SavedSession::load(&path).unwrap_err();
            assert!(
                matches!(
                    error.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
                ),
                "{content}: {error}"
            );
        }
    }
}
