//! Requests as they go over the wire: also those that no client would send.

use super::{Ask, Create, Place, Since, Watches};
use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{
    OpCode, Record, acl::SetAclRequest, data::SetDataRequest, frame, reconfig::ReconfigRequest,
    session::AuthRequest,
};

/// Bytes of a request's header, and of a text's length.
const OVERHEAD: usize = 8 + 4;

/// The type and the error in a header within a multi that say nothing.
const NONE: i32 = -1;

/// What differs between two runs of the same sequence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) root: &'a str,
    /// What the client had seen when its last connection ended.
    pub(crate) left_zxid: i64,
    /// What it has seen.
    pub(crate) seen_zxid: i64,
}

// === impl Context ===

impl Context<'_> {
    fn path(self, place: &Place) -> String {
        place.path(self.root)
    }

    fn zxid(self, since: Since) -> i64 {
        match since {
            Since::Nothing => 0,
            Since::Left => self.left_zxid,
            Since::Now => self.seen_zxid,
            Since::Future => i64::MAX,
        }
    }
}

// === impl Ask ===

impl Ask {
    pub(crate) fn body(&self, context: Context<'_>) -> Bytes {
        let mut out = BytesMut::new();
        self.encode(context, &mut out);
        out.freeze()
    }

    fn encode(&self, context: Context<'_>, out: &mut BytesMut) {
        match self {
            Self::Create(opcode, create) => create.encode(*opcode, context, out),
            Self::SetData(place, data, version) => SetDataRequest {
                path: context.path(place),
                data: data.clone(),
                version: *version,
            }
            .encode(out),
            Self::SetAcl(place, acl, version) => SetAclRequest {
                path: context.path(place),
                acl: acl.clone(),
                version: *version,
            }
            .encode(out),
            Self::Delete(place, number)
            | Self::Check(place, number)
            | Self::AddWatch(place, number)
            | Self::RemoveWatches(place, number)
            | Self::CheckWatches(place, number) => {
                context.path(place).encode(out);
                number.encode(out);
            }
            Self::Exists(place, watch)
            | Self::GetData(place, watch)
            | Self::GetChildren(place, watch)
            | Self::GetChildren2(place, watch) => {
                context.path(place).encode(out);
                watch.encode(out);
            }
            Self::GetAcl(place)
            | Self::CountChildren(place)
            | Self::GetEphemerals(place)
            | Self::Sync(place) => context.path(place).encode(out),
            Self::Multi(asks) | Self::MultiRead(asks) => encode_all(asks, context, out),
            Self::SetWatches(watches) => watches.encode(context, out),
            _ => self.encode_rest(context, out),
        }
    }

    /// Requests that name no znode, or none that is there.
    fn encode_rest(&self, context: Context<'_>, out: &mut BytesMut) {
        match self {
            Self::Auth(scheme, credentials) => AuthRequest {
                kind: 0,
                scheme: (*scheme).to_owned(),
                auth: credentials.map(|text| Bytes::from_static(text.as_bytes())),
            }
            .encode(out),
            Self::Reconfig => ReconfigRequest {
                joining: None,
                leaving: Some("2".to_owned()),
                members: None,
                from_config: -1,
            }
            .encode(out),
            Self::Odd(_, body) => out.extend_from_slice(body),
            Self::Cut(ask, hundredths) => {
                let body = ask.body(context);
                out.extend_from_slice(&body[..body.len() * hundredths / 100]);
            }
            Self::Sized(excess) => {
                let len_max = frame::LEN_MAX_DEFAULT.saturating_add_signed(*excess);
                let watch = false;
                let path_len = len_max - OVERHEAD - bool::LEN_MIN;
                format!("/{}", "x".repeat(path_len - 1)).encode(out);
                watch.encode(out);
            }
            _ => {}
        }
    }
}

fn encode_all(asks: &[Ask], context: Context<'_>, out: &mut BytesMut) {
    for ask in asks {
        encode_header(ask.opcode(), false, out);
        ask.encode(context, out);
    }
    encode_header(NONE, true, out);
}

fn encode_header(opcode: i32, is_end: bool, out: &mut BytesMut) {
    opcode.encode(out);
    is_end.encode(out);
    NONE.encode(out);
}

// === impl Create ===

impl Create {
    fn encode(&self, opcode: OpCode, context: Context<'_>, out: &mut BytesMut) {
        context.path(&self.place).encode(out);
        self.data.encode(out);
        self.acl.encode(out);
        self.flags.encode(out);
        if opcode == OpCode::CreateTtl {
            self.ttl_ms.encode(out);
        }
    }
}

// === impl Watches ===

impl Watches {
    fn encode(&self, context: Context<'_>, out: &mut BytesMut) {
        context.zxid(self.since).encode(out);
        let lasting = self.lasting.iter().flatten();
        for places in [&self.data, &self.exist, &self.child]
            .into_iter()
            .chain(lasting)
        {
            let paths: Vec<_> = places.iter().map(|place| context.path(place)).collect();
            paths.encode(out);
        }
    }
}
