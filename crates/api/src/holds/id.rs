use rustix::rand::{GetRandomFlags, getrandom};
use std::{fmt, io};

/// How many random bytes an id is made of.
const LEN: usize = 16;

/// What a hold is called: nobody can guess that of another.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Id([u8; LEN]);

// === impl Id ===

impl Id {
    /// One that nobody else has, from the kernel's secure random numbers.
    pub(crate) fn random() -> io::Result<Self> {
        let mut bytes = [0; LEN];
        // The kernel gives so few all at once.
        getrandom(&mut bytes, GetRandomFlags::empty())?;
        Ok(Self(bytes))
    }

    /// Reads one as it is written; `None` when it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_written_so = text.len() == 2 * LEN && text.bytes().all(|b| b.is_ascii_hexdigit());
        let number = is_written_so.then(|| u128::from_str_radix(text, 16).ok());
        Some(Self(number??.to_be_bytes()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// Whoever knows it and is in the same container can end the hold: not for logs.
impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Id(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let id = Id::random().unwrap();
        assert_eq!(Id::parse(&id.to_string()), Some(id));
        assert_ne!(Id::random().unwrap(), id);
        for text in ["", "1", "+0000000000000000000000000000001", &"g".repeat(32)] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }
}
