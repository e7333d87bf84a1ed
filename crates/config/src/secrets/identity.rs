//! Who a host is: what decrypts its secrets, and what encrypts for it.

use super::Error;
use crate::durable;
use age::{secrecy::ExposeSecret, x25519};
use std::{
    fmt,
    fs::File,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::Path,
    str::FromStr,
};
use zeroize::Zeroizing;

/// More than an identity takes with comments around it.
const FILE_LEN_MAX: u64 = 4096;

/// What the key of digests is derived from, beside the identity. Never to be changed, nor used for
/// anything else.
const DIGEST_CONTEXT: &str = "dockeeper 2026-11 digest of rendered files with secrets";

/// A host's identity: an X25519 key, in age's form.
#[derive(Clone)]
pub struct Identity(x25519::Identity);

/// Whom to encrypt for: the public half of an [`Identity`], in age's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient(x25519::Recipient);

// === impl Identity ===

impl Identity {
    /// A new one, from the system's randomness.
    pub fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    /// Reads the identity in a file, which only its owner may read; makes it when it is missing.
    /// The directory is held by one process at a time.
    ///
    /// # Errors
    ///
    /// [`Error::Identity`]. A file that cannot be read is never replaced: what it decrypts would be
    /// lost.
    pub fn load_or_create(path: &Path) -> Result<Self, Error> {
        let fail = |action, error| Error::Identity {
            action,
            path: path.to_owned(),
            error,
        };
        if let Some(found) = load(path).map_err(|error| fail("read", error))? {
            return Ok(found);
        }
        let identity = Self::generate();
        identity.save(path).map_err(|error| fail("write", error))?;
        Ok(identity)
    }

    /// Whom to encrypt for.
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }

    /// What keys the digest of files with secrets in them, see
    /// [`Facts::digest_key`](crate::template::Facts::digest_key).
    pub fn digest_key(&self) -> [u8; 32] {
        let text = self.0.to_string();
        blake3::derive_key(DIGEST_CONTEXT, text.expose_secret().as_bytes())
    }

    pub(super) fn as_age(&self) -> &x25519::Identity {
        &self.0
    }

    /// Durably, and as a whole.
    fn save(&self, path: &Path) -> io::Result<()> {
        let content = Zeroizing::new(format!(
            "# Decrypts the secrets that this host may read.\n# public key: {}\n{}\n",
            self.recipient(),
            self.0.to_string().expose_secret()
        ));
        durable::write(path, content.as_bytes())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

fn load(path: &Path) -> io::Result<Option<Identity>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        let why = "others than its owner may read or write it; `chmod 600` it, and if somebody may \
                   have read it, delete it and set the secrets anew";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(FILE_LEN_MAX).read_to_string(&mut text)?;
    let mut lines = text.lines();
    let line = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    let identity = line.and_then(|line| line.parse().ok()).ok_or_else(|| {
        let why = "it is no identity of age; restore it, or delete it: this host can then decrypt \
                   nothing until another one has encrypted the secrets anew";
        io::Error::new(io::ErrorKind::InvalidData, why)
    })?;
    Ok(Some(Identity(identity)))
}

// === impl Recipient ===

impl Recipient {
    pub(super) fn as_age(&self) -> &x25519::Recipient {
        &self.0
    }
}

impl FromStr for Recipient {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};

    #[test]
    fn is_made_once_and_only_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity");
        let made = Identity::load_or_create(&path).unwrap();
        let read = Identity::load_or_create(&path).unwrap();
        assert_eq!(made.recipient(), read.recipient());
        assert_eq!(made.digest_key(), read.digest_key());
        assert_ne!(made.digest_key(), Identity::generate().digest_key());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(format!("{made:?}"), "Identity");
    }

    #[test]
    fn one_that_cannot_be_used_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity");
        let _ = Identity::load_or_create(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let error = Identity::load_or_create(&path).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        for content in ["", "# only a comment\n", "AGE-SECRET-KEY-1\n"] {
            fs::write(&path, content).unwrap();
            let error = Identity::load_or_create(&path).unwrap_err().to_string();
            assert!(error.contains("no identity of age"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }
}
