use super::{Error, SECRET_LEN_MAX};
use std::fmt;
use zeroize::Zeroizing;

/// A secret in plain text. It has no way to be displayed, and its memory is overwritten when it is
/// dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

// === impl Secret ===

impl Secret {
    /// Takes bytes, of which no copy is made.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, Error> {
        let bytes = Zeroizing::new(bytes);
        if bytes.len() > SECRET_LEN_MAX {
            return Err(Error::TooLong(bytes.len()));
        }
        Ok(Self(bytes))
    }

    /// What it is.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What it is, if it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        str::from_utf8(&self.0).ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_nothing_and_has_a_bound() {
        let secret = Secret::new(b"hunter2".to_vec()).unwrap();
        assert_eq!(format!("{secret:?} {secret:#?}"), "Secret Secret");
        assert_eq!(secret.text(), Some("hunter2"));
        assert!(Secret::new(vec![0; SECRET_LEN_MAX]).is_ok());
        let error = Secret::new(vec![0; SECRET_LEN_MAX + 1]).unwrap_err();
        assert!(matches!(error, Error::TooLong(len) if len == SECRET_LEN_MAX + 1));
    }
}
