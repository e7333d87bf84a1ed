//! How transactions are written in the log: the wire's primitives, a number before each variant.

use super::{Entry, NodeKind, Txn};
use bytes::BytesMut;
use dockeeper_zk_proto::{DecodeError, Decoder, Record};

const CREATE_SESSION: i32 = 1;
const CLOSE_SESSION: i32 = 2;
const CREATE: i32 = 3;
const DELETE: i32 = 4;
const SET_DATA: i32 = 5;
const SET_ACL: i32 = 6;
const MULTI: i32 = 7;

const PERSISTENT: i32 = 0;
const EPHEMERAL: i32 = 1;
const CONTAINER: i32 = 2;
const TTL: i32 = 3;

// === impl Entry ===

impl Record for Entry {
    const LEN_MIN: usize = 3 * i64::LEN_MIN + Txn::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        self.zxid.encode(out);
        self.time_ms.encode(out);
        self.session.encode(out);
        self.txn.encode(out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        Ok(Self {
            zxid: input.read()?,
            time_ms: input.read()?,
            session: input.read()?,
            txn: input.read()?,
        })
    }
}

// === impl Txn ===

impl Record for Txn {
    const LEN_MIN: usize = i32::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::CreateSession { timeout_ms } => {
                CREATE_SESSION.encode(out);
                timeout_ms.encode(out);
            }
            Self::CloseSession => CLOSE_SESSION.encode(out),
            Self::Create {
                path,
                data,
                acl,
                kind,
            } => {
                CREATE.encode(out);
                path.encode(out);
                data.encode(out);
                acl.encode(out);
                kind.encode(out);
            }
            Self::Delete { path } => {
                DELETE.encode(out);
                path.encode(out);
            }
            Self::SetData { path, data } => {
                SET_DATA.encode(out);
                path.encode(out);
                data.encode(out);
            }
            Self::SetAcl { path, acl } => {
                SET_ACL.encode(out);
                path.encode(out);
                acl.encode(out);
            }
            Self::Multi(txns) => {
                MULTI.encode(out);
                txns.encode(out);
            }
        }
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        match input.read()? {
            CREATE_SESSION => Ok(Self::CreateSession {
                timeout_ms: input.read()?,
            }),
            CLOSE_SESSION => Ok(Self::CloseSession),
            MULTI => {
                let part: Vec<Part> = input.read()?;
                Ok(Self::Multi(part.into_iter().map(|part| part.0).collect()))
            }
            tag => decode_change(tag, input),
        }
    }
}

/// A transaction inside a multi: decoding cannot recurse, whatever the bytes are.
struct Part(Txn);

impl Record for Part {
    const LEN_MIN: usize = Txn::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        self.0.encode(out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        let tag = input.read()?;
        decode_change(tag, input).map(Self)
    }
}

fn decode_change(tag: i32, input: &mut Decoder) -> Result<Txn, DecodeError> {
    match tag {
        CREATE => Ok(Txn::Create {
            path: input.read()?,
            data: input.read()?,
            acl: input.read()?,
            kind: input.read()?,
        }),
        DELETE => Ok(Txn::Delete {
            path: input.read()?,
        }),
        SET_DATA => Ok(Txn::SetData {
            path: input.read()?,
            data: input.read()?,
        }),
        SET_ACL => Ok(Txn::SetAcl {
            path: input.read()?,
            acl: input.read()?,
        }),
        value => Err(DecodeError::Value {
            what: "a transaction's kind",
            value,
        }),
    }
}

// === impl NodeKind ===

impl Record for NodeKind {
    const LEN_MIN: usize = i32::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::Persistent => PERSISTENT.encode(out),
            Self::Ephemeral => EPHEMERAL.encode(out),
            Self::Container => CONTAINER.encode(out),
            Self::Ttl(ms) => {
                TTL.encode(out);
                ms.encode(out);
            }
        }
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        match input.read()? {
            PERSISTENT => Ok(Self::Persistent),
            EPHEMERAL => Ok(Self::Ephemeral),
            CONTAINER => Ok(Self::Container),
            TTL => input.read().map(Self::Ttl),
            value => Err(DecodeError::Value {
                what: "a znode's kind",
                value,
            }),
        }
    }
}
