//! What releases consist of: bytes, found by the hash of their content.
//!
//! A blob is packed where it lies: one byte that says how, and the content, compressed with zstd
//! where that makes it shorter. Its address is the hash of the content, whatever way it is packed.

use bytes::{BufMut, Bytes, BytesMut};
use dockeeper_model::config::Digest;
use std::borrow::Cow;

/// The longest content of a blob, in bytes. A znode's content travels in one request, which a server
/// takes up to its `jute.maxbuffer`, 1 MiB by default: half of that leaves room for one that was set
/// lower, and for what else a request has.
pub const CONTENT_LEN_MAX: usize = 512 * 1024;

/// The longest packed blob: as it is, behind the byte that says so.
pub const PACKED_LEN_MAX: usize = CONTENT_LEN_MAX + 1;

/// zstd's own default. Configuration is small: more would cost time and bring next to nothing.
const LEVEL: i32 = 3;

/// How a content is packed, as the first byte says.
const RAW: u8 = 0;
const ZSTD: u8 = 1;

/// Why a blob is not what its address promises.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The first byte says nothing that is known.
    #[error("it is packed in a way that this version does not know ({0:?}): a newer one wrote it")]
    Codec(Option<u8>),
    /// What zstd was to unpack is none of its data, or longer than a blob may be.
    #[error("it cannot be unpacked to {CONTENT_LEN_MAX} bytes or fewer: {0}")]
    Compressed(String),
    /// It is longer than a blob may be.
    #[error("it is longer than {CONTENT_LEN_MAX} bytes")]
    TooLong,
    /// It has another content.
    #[error("its content has the address {0}")]
    Content(Digest),
}

/// The address of a content.
pub fn hash(content: &[u8]) -> Digest {
    Digest::new(*blake3::hash(content).as_bytes())
}

/// Packs a content.
///
/// # Panics
///
/// When it is longer than [`CONTENT_LEN_MAX`].
pub fn pack(content: &[u8]) -> Bytes {
    assert!(
        content.len() <= CONTENT_LEN_MAX,
        "a content is cut before it is packed"
    );
    // It fails only for want of memory; what is not compressed is as good.
    let compressed = zstd::bulk::compress(content, LEVEL).unwrap_or_else(|_| content.to_owned());
    let (codec, packed) = match compressed.len() < content.len() {
        true => (ZSTD, compressed.as_slice()),
        false => (RAW, content),
    };
    let mut blob = BytesMut::with_capacity(1 + packed.len());
    blob.put_u8(codec);
    blob.put_slice(packed);
    blob.freeze()
}

/// Unpacks a blob and makes sure that it is what its address promises.
///
/// # Errors
///
/// See [`Wrong`].
pub fn unpack(address: &Digest, packed: &[u8]) -> Result<Bytes, Wrong> {
    let (codec, packed) = packed.split_first().ok_or(Wrong::Codec(None))?;
    let content = match *codec {
        RAW => Cow::Borrowed(packed),
        ZSTD => {
            let unpacked = zstd::bulk::decompress(packed, CONTENT_LEN_MAX);
            Cow::Owned(unpacked.map_err(|error| Wrong::Compressed(error.to_string()))?)
        }
        other => return Err(Wrong::Codec(Some(other))),
    };
    if content.len() > CONTENT_LEN_MAX {
        return Err(Wrong::TooLong);
    }
    match hash(&content) {
        found if found == *address => Ok(content.into_owned().into()),
        other => Err(Wrong::Content(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_blob_is_unpacked_to_what_was_packed(
            content in prop::collection::vec(any::<u8>(), 0..2000),
            times in 1_usize..20,
        ) {
            let content = content.repeat(times);
            let packed = pack(&content);
            prop_assert!(packed.len() <= content.len() + 1);
            prop_assert_eq!(unpack(&hash(&content), &packed).unwrap(), content);
        }

        #[test]
        fn arbitrary_bytes_are_no_blob(packed in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(unpack(&hash(b"something else"), &packed).is_err());
        }

        #[test]
        fn a_changed_byte_is_noticed(at: prop::sample::Index, change in 1_u8..) {
            let content = b"server { listen 80; }\n".repeat(50);
            let mut packed = pack(&content).to_vec();
            let at = at.index(packed.len());
            packed[at] ^= change;
            // zstd has bits that mean nothing; what matters is that no other content comes out.
            if let Ok(unpacked) = unpack(&hash(&content), &packed) {
                prop_assert_eq!(unpacked, content);
            }
        }
    }

    #[test]
    fn the_longest_content_fits_whatever_it_is() {
        let mut noise = vec![0; CONTENT_LEN_MAX];
        fastrand::Rng::with_seed(1).fill(&mut noise);
        let packed = pack(&noise);
        assert_eq!((packed.len(), packed[0]), (PACKED_LEN_MAX, RAW));
        assert_eq!(unpack(&hash(&noise), &packed).unwrap(), noise);
        let zeros = vec![0; CONTENT_LEN_MAX];
        let packed = pack(&zeros);
        assert!(packed.len() < 1000);
        assert_eq!(unpack(&hash(&zeros), &packed).unwrap(), zeros);
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let zeros = vec![0; CONTENT_LEN_MAX + 1];
        let mut bomb = vec![ZSTD];
        bomb.extend(zstd::bulk::compress(&zeros, LEVEL).unwrap());
        let wrong = unpack(&hash(&zeros), &bomb);
        assert!(matches!(wrong, Err(Wrong::Compressed(_))), "{wrong:?}");
        let long = [&[RAW][..], &zeros].concat();
        assert_eq!(unpack(&hash(&zeros), &long), Err(Wrong::TooLong));
        assert_eq!(unpack(&hash(b""), b""), Err(Wrong::Codec(None)));
        assert_eq!(unpack(&hash(b""), &[7]), Err(Wrong::Codec(Some(7))));
    }
}
