//! Session passwords that only the server can make.

use bytes::Bytes;
use dockeeper_zk_proto::connect::{PASSWORD_LEN, Password};
use ring::hmac::{HMAC_SHA256, Key, sign};
use std::fmt;
use subtle::ConstantTimeEq;

/// What session passwords are made with: a password is the first 16 bytes of an HMAC-SHA-256 of
/// the session's number, so none has to be stored, and whoever knows some cannot tell others.
#[derive(Clone)]
pub struct PasswordKey(Key);

// === impl PasswordKey ===

impl PasswordKey {
    /// Takes the server's secret: 32 random bytes that stay the same over restarts.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(Key::new(HMAC_SHA256, secret))
    }

    /// A session's password.
    pub fn password(&self, id: i64) -> Password {
        Password(Bytes::copy_from_slice(&self.bytes(id)))
    }

    /// Whether a password is the session's. How long this takes says nothing of how much of it is
    /// right.
    pub fn verify(&self, id: i64, password: &Password) -> bool {
        self.bytes(id)[..].ct_eq(&password.0).into()
    }

    fn bytes(&self, id: i64) -> [u8; PASSWORD_LEN] {
        let tag = sign(&self.0, &id.to_be_bytes());
        let mut bytes = [0; PASSWORD_LEN];
        bytes.copy_from_slice(&tag.as_ref()[..PASSWORD_LEN]);
        bytes
    }
}

impl fmt::Debug for PasswordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_keyed_hash_of_the_number() {
        let secret = std::array::from_fn(|index| u8::try_from(index).unwrap());
        let key = PasswordKey::new(&secret);
        let password = key.password(1);
        // From Python's hmac.
        let expected = [
            0xc4, 0x32, 0xe0, 0x59, 0xc3, 0x78, 0xee, 0xf7, 0xfe, 0x2f, 0x11, 0x81, 0xa4, 0x05,
            0x08, 0x36,
        ];
        assert_eq!(password.0[..], expected);
        assert!(key.verify(1, &password));
    }

    #[test]
    fn takes_no_other() {
        let key = PasswordKey::new(&[7; 32]);
        let password = key.password(1);
        assert!(!key.verify(2, &password));
        assert!(!key.verify(-1, &password));
        assert!(!PasswordKey::new(&[8; 32]).verify(1, &password));
        assert!(!key.verify(1, &Password::zero()));
        assert!(!key.verify(1, &Password(Bytes::new())));
        assert!(!key.verify(1, &Password(password.0.slice(..PASSWORD_LEN - 1))));
        let mut longer = password.0.to_vec();
        longer.push(0);
        assert!(!key.verify(1, &Password(longer.into())));
        for bit in 0..PASSWORD_LEN * 8 {
            let mut wrong = password.0.to_vec();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(!key.verify(1, &Password(wrong.into())), "bit {bit}");
        }
    }

    #[test]
    fn is_not_printed() {
        assert_eq!(
            format!("{:?}", PasswordKey::new(&[7; 32])),
            "PasswordKey(..)"
        );
    }
}
