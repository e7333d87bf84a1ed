//! How a number stands in a znode.

use bytes::Bytes;
use std::fmt;

/// How much of foreign data an error shows, in bytes.
const SHOWN_MAX: usize = 32;

/// How a number stands in a znode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// 32 bits, the highest first: Curator's `SharedCount` and `DistributedAtomicInteger`, and
    /// kazoo's `Counter` with `support_curator`.
    SharedCount,
    /// 64 bits, the highest first: Curator's `DistributedAtomicLong`.
    #[default]
    AtomicLong,
    /// Decimal digits: kazoo's `Counter`.
    Kazoo,
}

/// Why data is not a number in some format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It has another length.
    #[error("it has {found} bytes rather than {expected}")]
    Length {
        /// The bytes there are.
        found: usize,
        /// The bytes that the format has.
        expected: usize,
    },
    /// It is not a decimal integer.
    #[error("{0:?} is not a decimal integer of up to 64 bits")]
    Text(String),
}

// === impl Format ===

impl Format {
    /// The data for a number; `None` when the format has no such number.
    pub(super) fn encode(self, value: i64) -> Option<Bytes> {
        match self {
            Self::SharedCount => {
                let value = i32::try_from(value).ok()?;
                Some(Bytes::copy_from_slice(&value.to_be_bytes()))
            }
            Self::AtomicLong => Some(Bytes::copy_from_slice(&value.to_be_bytes())),
            Self::Kazoo => Some(value.to_string().into()),
        }
    }

    /// The number. No data is 0, as kazoo and Curator's `DistributedAtomicLong` have it.
    pub(super) fn decode(self, data: &[u8]) -> Result<i64, Unreadable> {
        if data.is_empty() {
            return Ok(0);
        }
        match self {
            Self::SharedCount => Ok(i32::from_be_bytes(exact(data)?).into()),
            Self::AtomicLong => Ok(i64::from_be_bytes(exact(data)?)),
            Self::Kazoo => {
                let text = std::str::from_utf8(data).ok();
                text.and_then(|text| text.trim().parse().ok())
                    .ok_or_else(|| {
                        let shown = &data[..data.len().min(SHOWN_MAX)];
                        Unreadable::Text(String::from_utf8_lossy(shown).into_owned())
                    })
            }
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SharedCount => "of Curator's SharedCount",
            Self::AtomicLong => "of Curator's DistributedAtomicLong",
            Self::Kazoo => "of kazoo's Counter",
        })
    }
}

fn exact<const LEN: usize>(data: &[u8]) -> Result<[u8; LEN], Unreadable> {
    data.try_into().map_err(|_| Unreadable::Length {
        found: data.len(),
        expected: LEN,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Format; 3] = [Format::SharedCount, Format::AtomicLong, Format::Kazoo];

    #[test]
    fn numbers_stand_as_the_others_write_them() {
        let written = ALL.map(|format| format.encode(-2).unwrap().to_vec());
        assert_eq!(written[0], [0xff, 0xff, 0xff, 0xfe]);
        assert_eq!(written[1], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]);
        assert_eq!(written[2], b"-2");
        for format in ALL {
            assert_eq!(format.decode(b""), Ok(0));
        }
    }

    #[test]
    fn foreign_data_is_refused() {
        let length = |found, expected| Err(Unreadable::Length { found, expected });
        assert_eq!(Format::SharedCount.decode(&[0; 8]), length(8, 4));
        assert_eq!(
            Format::AtomicLong.decode(b"10.0.0.1"),
            Ok(0x3130_2e30_2e30_2e31)
        );
        assert_eq!(Format::AtomicLong.decode(b"7"), length(1, 8));
        for text in ["1.5", "x", "9223372036854775808", "\u{0}\u{0}\u{0}\u{7}"] {
            let refused = Err(Unreadable::Text(text.to_owned()));
            assert_eq!(Format::Kazoo.decode(text.as_bytes()), refused);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value: i64) {
            for format in ALL {
                match format.encode(value) {
                    Some(data) => prop_assert_eq!(format.decode(&data), Ok(value)),
                    None => prop_assert!(format == Format::SharedCount && i32::try_from(value).is_err()),
                }
            }
        }

        #[test]
        fn any_data_is_read_or_refused(data: Vec<u8>) {
            for format in ALL {
                if let Ok(value) = format.decode(&data) {
                    prop_assert!(format.encode(value).is_some());
                }
            }
        }
    }
}
