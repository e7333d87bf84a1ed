//! Names that become names of znodes.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest name in bytes: names stand in paths, which one session may hold only so many of.
pub const NAME_LEN_MAX: usize = 255;

/// Why a text cannot be a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It is too long.
    #[error("it has {0} bytes, more than {NAME_LEN_MAX}")]
    TooLong(usize),
    /// It is `.` or `..`.
    #[error("it is '.' or '..'")]
    Dots,
    /// It begins or ends with a space.
    #[error("it begins or ends with a space")]
    Space,
    /// It has a character that no name may have: a slash, a control character, or one that
    /// ZooKeeper refuses.
    #[error("it has the character {0:?}")]
    Character(char),
}

/// Checks that `text` can be the name of a znode.
pub fn validate(text: &str) -> Result<(), Invalid> {
    if text.is_empty() {
        return Err(Invalid::Empty);
    }
    if text.len() > NAME_LEN_MAX {
        return Err(Invalid::TooLong(text.len()));
    }
    if matches!(text, "." | "..") {
        return Err(Invalid::Dots);
    }
    if let Some(character) = text.chars().find(|c| is_forbidden(*c)) {
        return Err(Invalid::Character(character));
    }
    if text.trim() != text {
        return Err(Invalid::Space);
    }
    Ok(())
}

/// Slashes, control characters, and the ranges that ZooKeeper refuses: private use, specials, and
/// everything above the basic plane, which are surrogates to Java.
fn is_forbidden(c: char) -> bool {
    matches!(c, '/' | '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..)
}

macro_rules! name {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                validate(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(text: String) -> Result<Self, Invalid> {
                validate(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// A Docker host: one name for one Docker daemon.
    NodeName
}

name! {
    /// What instances do: the name under which they are found.
    ServiceName
}

name! {
    /// One instance of a service.
    InstanceId
}

name! {
    /// A lock, a semaphore, an election or a barrier.
    LockName
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_wrong() {
        let long = "x".repeat(NAME_LEN_MAX + 1);
        for (text, why) in [
            ("", Invalid::Empty),
            (long.as_str(), Invalid::TooLong(NAME_LEN_MAX + 1)),
            ("..", Invalid::Dots),
            (" a", Invalid::Space),
            ("a/b", Invalid::Character('/')),
            ("a\nb", Invalid::Character('\n')),
            ("a\u{1f600}", Invalid::Character('\u{1f600}')),
        ] {
            assert_eq!(text.parse::<ServiceName>(), Err(why));
        }
        for text in ["web", "host:web-1:80", "my app", "größe", "..."] {
            assert_eq!(text.parse::<ServiceName>().unwrap().as_str(), text);
        }
    }
}
