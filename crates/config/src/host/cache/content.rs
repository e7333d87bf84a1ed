//! A release's content in one file: its blobs, packed, each behind its address and its length.

use crate::{
    blob::{PACKED_LEN_MAX, pack, unpack},
    bundle::{BUNDLE_LEN_MAX, Bundle, FILES_MAX, MANIFEST_LEN_MAX, Parts},
};
use bytes::{Buf, BufMut, Bytes};
use dockeeper_model::{
    config::{Digest, Manifest},
    decode as decode_record,
};
use std::collections::BTreeMap;

/// An address, and a length in four bytes.
const HEAD_LEN: usize = Digest::LEN + size_of::<u32>();

/// How many blobs there may be: the manifest, and for each file its full chunks and a rest.
const BLOBS_MAX: usize = 1 + FILES_MAX + BUNDLE_LEN_MAX / (PACKED_LEN_MAX - 1);

/// The longest file: nothing can be compressed, and each blob has a head and a byte of its packing.
pub(super) const LEN_MAX: u64 =
    (BUNDLE_LEN_MAX + MANIFEST_LEN_MAX + BLOBS_MAX * (HEAD_LEN + 1)) as u64;

/// `None` for a bundle that has another address.
pub(super) fn encode(manifest: &Digest, bundle: &Bundle) -> Option<Vec<u8>> {
    let parts = Parts::of(bundle).ok()?;
    if parts.address != *manifest {
        return None;
    }
    let mut bytes = Vec::new();
    for (address, content) in &parts.contents {
        let packed = pack(content);
        bytes.put_slice(address.as_bytes());
        bytes.put_u32(u32::try_from(packed.len()).ok()?);
        bytes.put_slice(&packed);
    }
    Some(bytes)
}

/// `None` for anything but a whole bundle of this address.
pub(super) fn decode(manifest: &Digest, bytes: Vec<u8>) -> Option<Bundle> {
    if bytes.len() as u64 > LEN_MAX {
        return None;
    }
    let mut bytes = Bytes::from(bytes);
    let mut contents = BTreeMap::new();
    while bytes.has_remaining() {
        let mut address = [0; Digest::LEN];
        bytes.try_copy_to_slice(&mut address).ok()?;
        let len = bytes.try_get_u32().ok()? as usize;
        if len > bytes.remaining() {
            return None;
        }
        let address = Digest::new(address);
        let content = unpack(&address, &bytes.split_to(len)).ok()?;
        contents.insert(address, content);
    }
    let record = contents.get(manifest)?;
    let manifest: Manifest = decode_record(record).ok()?;
    Bundle::of(manifest, &contents).ok()
}
