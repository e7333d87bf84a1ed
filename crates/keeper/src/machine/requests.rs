//! The bodies of writes, as they stand in a frame.

use super::reader::{Garbled, Reader};
use bytes::Bytes;
use dockeeper_zk_proto::acl::Acl;
use std::borrow::Cow;

/// A time to live that is none: what requests without one count as.
pub(super) const NO_TTL: i64 = -1;

/// A request to create a znode.
#[derive(Debug)]
pub(super) struct Create<'a> {
    /// Null is found to be wrong behind the flags only, as by Apache.
    pub(super) path: Option<Cow<'a, str>>,
    pub(super) data: Option<Bytes>,
    pub(super) acl: Vec<Acl>,
    pub(super) flags: i32,
    pub(super) ttl_ms: i64,
}

/// A request to replace a znode's data.
#[derive(Debug)]
pub(super) struct SetData<'a> {
    pub(super) path: Cow<'a, str>,
    pub(super) data: Option<Bytes>,
    pub(super) version: i32,
}

/// A request for a znode of some version: a delete or a check.
#[derive(Debug)]
pub(super) struct Versioned<'a> {
    pub(super) path: Cow<'a, str>,
    pub(super) version: i32,
}

/// A request to replace a znode's access control list.
#[derive(Debug)]
pub(super) struct SetAcl<'a> {
    pub(super) path: Cow<'a, str>,
    pub(super) acl: Vec<Acl>,
    pub(super) version: i32,
}

// === impl Create ===

impl<'a> Create<'a> {
    pub(super) fn read(body: &mut Reader<'a>, frame: &Bytes) -> Result<Self, Garbled> {
        Ok(Self {
            path: body.text_or_null()?,
            data: body.buffer()?.map(|data| frame.slice_ref(data)),
            acl: body.acl()?,
            flags: body.i32()?,
            ttl_ms: NO_TTL,
        })
    }

    pub(super) fn read_with_ttl(body: &mut Reader<'a>, frame: &Bytes) -> Result<Self, Garbled> {
        let mut create = Self::read(body, frame)?;
        create.ttl_ms = body.i64()?;
        Ok(create)
    }
}

// === impl SetData ===

impl<'a> SetData<'a> {
    pub(super) fn read(body: &mut Reader<'a>, frame: &Bytes) -> Result<Self, Garbled> {
        Ok(Self {
            path: body.path()?,
            data: body.buffer()?.map(|data| frame.slice_ref(data)),
            version: body.i32()?,
        })
    }
}

// === impl Versioned ===

impl<'a> Versioned<'a> {
    pub(super) fn read(body: &mut Reader<'a>) -> Result<Self, Garbled> {
        Ok(Self {
            path: body.text()?,
            version: body.i32()?,
        })
    }

    /// For a check by itself.
    pub(super) fn read_check(body: &mut Reader<'a>) -> Result<Self, Garbled> {
        Ok(Self {
            path: body.path()?,
            version: body.i32()?,
        })
    }
}

// === impl SetAcl ===

impl<'a> SetAcl<'a> {
    pub(super) fn read(body: &mut Reader<'a>) -> Result<Self, Garbled> {
        Ok(Self {
            path: body.path()?,
            acl: body.acl()?,
            version: body.i32()?,
        })
    }
}
