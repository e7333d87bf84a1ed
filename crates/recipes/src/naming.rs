//! How the children of a recipe's znode are named: as Curator's, or as kazoo's.
//!
//! Both families put a mark and the number that the server appends behind an identifier. They order
//! the children by what stands behind the mark, so children of two families under one znode are put
//! in an order that only one of them sees: a name of the other family is foreign here.

use crate::uuid::{self, Uuid};
use std::fmt;

/// Whose names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Naming {
    /// Apache Curator's: `_c_<uuid>-lock-0000000007`. Those of go-zookeeper, whose identifier has no
    /// hyphens, are read too.
    #[default]
    Curator,
    /// kazoo's: `<32 hexadecimal digits>__lock__0000000007`.
    Kazoo,
}

/// What a child stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A mutex. The writers of kazoo's read-write lock have the same name.
    Lock,
    /// The leadership: with Curator a `LeaderLatch`, with kazoo a lock.
    Latch,
    /// One permit of Curator's semaphore. kazoo's has no mark and no number.
    Lease,
    /// A read-write lock, shared.
    Read,
    /// A read-write lock, alone.
    Write,
}

/// What tells one contender's znode from all others, by which it is found when the answer to its
/// creation was lost: a random UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identifier(Uuid);

/// A child's name, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat<'a> {
    /// The whole name.
    pub name: &'a str,
    /// What it stands for.
    pub role: Role,
    /// What tells it from others; Curator's names may lack it.
    pub identifier: Option<&'a str>,
    /// The number that the server appended: the parent's signed counter of children, which becomes
    /// negative behind 2147483647.
    pub sequence: i32,
}

/// By what this code's identifiers are known: `0d0c` behind the fourth hyphen.
const MAKER: u128 = 0x0d0c;

/// How the name of a child with Curator's protection begins.
const PROTECTION: &str = "_c_";

/// Shorter numbers are filled up with zeros behind their sign.
const SEQUENCE_LEN_MIN: usize = 10;

// === impl Naming ===

impl Naming {
    /// What stands between the identifier and the number.
    pub fn mark(self, role: Role) -> &'static str {
        match (self, role) {
            (Self::Curator, Role::Lock) => "lock-",
            (Self::Curator, Role::Latch) => "latch-",
            (Self::Curator, Role::Lease) => "lease-",
            (Self::Curator, Role::Read) => "__READ__",
            (Self::Curator, Role::Write) => "__WRIT__",
            (Self::Kazoo, Role::Read) => "__rlock__",
            (Self::Kazoo, Role::Lock | Role::Latch | Role::Lease | Role::Write) => "__lock__",
        }
    }

    /// A new child's name, to which the server appends the number.
    pub(crate) fn prefix(self, role: Role, identifier: Identifier) -> String {
        format!("{}{}", self.protection(identifier), self.mark(role))
    }

    /// How the names of all children with this identifier begin.
    pub(crate) fn protection(self, identifier: Identifier) -> String {
        match self {
            Self::Curator => format!("{PROTECTION}{}-", identifier.0.hyphenated()),
            Self::Kazoo => identifier.0.simple(),
        }
    }

    /// The name of one of kazoo's leases, which have no number.
    pub(crate) fn lease(identifier: Identifier) -> String {
        identifier.0.simple()
    }

    /// Whether a child is one of kazoo's leases.
    pub(crate) fn is_lease(name: &str) -> bool {
        uuid::is_simple(name)
    }

    /// Takes a child's name apart; `None` when it stands for none of `roles`.
    pub fn parse<'a>(self, name: &'a str, roles: &[Role]) -> Option<Seat<'a>> {
        let (identifier, rest) = match self {
            Self::Curator => protected(name)?,
            Self::Kazoo => {
                let (identifier, rest) = name.split_at_checked(uuid::SIMPLE_LEN)?;
                uuid::is_simple(identifier).then_some((Some(identifier), rest))?
            }
        };
        roles.iter().find_map(|role| {
            let sequence = sequence(rest.strip_prefix(self.mark(*role))?)?;
            Some(Seat {
                name,
                role: *role,
                identifier,
                sequence,
            })
        })
    }
}

// === impl Seat ===

impl Seat<'_> {
    /// Whether the child was made by this code, and not by another program with the same names.
    pub(crate) fn is_own(&self) -> bool {
        self.identifier.is_some_and(Identifier::is_own)
    }
}

impl fmt::Display for Naming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Curator => "Curator",
            Self::Kazoo => "kazoo",
        })
    }
}

/// Splits Curator's protection off, if there is one.
fn protected(name: &str) -> Option<(Option<&str>, &str)> {
    let Some(rest) = name.strip_prefix(PROTECTION) else {
        return Some((None, name));
    };
    let split = |len, is_identifier: fn(&str) -> bool| {
        let (identifier, rest) = rest.split_at_checked(len)?;
        let rest = rest.strip_prefix('-')?;
        is_identifier(identifier).then_some((Some(identifier), rest))
    };
    let hyphenated = split(uuid::HYPHENATED_LEN, uuid::is_hyphenated);
    hyphenated.or_else(|| split(uuid::SIMPLE_LEN, uuid::is_simple))
}

/// Reads the number as the server writes it, `%010d`, and no other notation.
fn sequence(text: &str) -> Option<i32> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_padded = text.len() > SEQUENCE_LEN_MIN && digits.starts_with('0');
    let is_written_so = text.len() >= SEQUENCE_LEN_MIN
        && !is_padded
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    let sequence = text.parse().ok().filter(|_| is_written_so)?;
    // There is no negative zero.
    (sequence != 0 || digits.len() == text.len()).then_some(sequence)
}

// === impl Identifier ===

impl Identifier {
    /// A UUID of version 8: [`MAKER`], and 106 random bits.
    pub(crate) fn new(random: u128) -> Self {
        const NODE: u128 = 0xffff << 32;
        Self(Uuid::custom(random & !NODE | MAKER << 32))
    }

    /// Whether this code made the identifier in a name. Curator and kazoo draw theirs as version 4.
    fn is_own(text: &str) -> bool {
        Uuid::parse(text).is_some_and(|uuid| Self::new(uuid.bits()).0 == uuid)
    }
}

#[cfg(test)]
mod tests;
