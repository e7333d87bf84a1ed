//! A snapshot's first block: all but the tree.

use bytes::BytesMut;
use dockeeper_zk_proto::{DecodeError, Decoder, Record};

/// The format that this version writes, and the only one that it reads.
const FORMAT: i32 = 1;

/// All but the tree.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The last transaction that the snapshot holds.
    pub(super) zxid: i64,
    /// The last number that a session got, which may be over; zero for none.
    pub(super) last_session: i64,
    /// Sessions and their time-outs in milliseconds.
    pub(super) sessions: Vec<(i64, i32)>,
}

struct Session(i64, i32);

// === impl Head ===

impl Record for Head {
    const LEN_MIN: usize = 4 + 8 + 8 + 4;

    fn encode(&self, out: &mut BytesMut) {
        FORMAT.encode(out);
        self.zxid.encode(out);
        self.last_session.encode(out);
        let sessions = self.sessions.iter();
        let sessions: Vec<_> = sessions.map(|(id, ms)| Session(*id, *ms)).collect();
        sessions.encode(out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        match input.read()? {
            FORMAT => {}
            value => {
                return Err(DecodeError::Value {
                    what: "a snapshot's format",
                    value,
                });
            }
        }
        Ok(Self {
            zxid: input.read()?,
            last_session: input.read()?,
            sessions: {
                let sessions: Vec<Session> = input.read()?;
                sessions
                    .into_iter()
                    .map(|Session(id, ms)| (id, ms))
                    .collect()
            },
        })
    }
}

// === impl Session ===

impl Record for Session {
    const LEN_MIN: usize = 8 + 4;

    fn encode(&self, out: &mut BytesMut) {
        self.0.encode(out);
        self.1.encode(out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        Ok(Self(input.read()?, input.read()?))
    }
}
