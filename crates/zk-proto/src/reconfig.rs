//! Changing which servers an ensemble consists of.

use crate::{DecodeError, Decoder, OpCode, Record, Request, data::GetDataResponse};
use bytes::{Bytes, BytesMut};

/// Where an ensemble keeps its own configuration, whatever a client takes for the root.
pub const CONFIG_PATH: &str = "/zookeeper/config";

/// Changes which servers the ensemble consists of. The reply is the new configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconfigRequest {
    /// Servers to add, as lines of `zoo.cfg` joined by commas; `None` for none.
    pub joining: Option<String>,
    /// The numbers of servers to remove, joined by commas; `None` for none.
    pub leaving: Option<String>,
    /// All servers of the new ensemble; `None` when it is given by what changes.
    pub members: Option<String>,
    /// The version that the configuration must have, or -1 for any.
    pub from_config: i64,
}

// === impl ReconfigRequest ===

impl Record for ReconfigRequest {
    const LEN_MIN: usize = 3 * <Option<Bytes>>::LEN_MIN + i64::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        for text in [&self.joining, &self.leaving, &self.members] {
            let bytes = text
                .as_ref()
                .map(|text| Bytes::copy_from_slice(text.as_bytes()));
            bytes.encode(out);
        }
        self.from_config.encode(out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        Ok(Self {
            joining: decode_text(input)?,
            leaving: decode_text(input)?,
            members: decode_text(input)?,
            from_config: input.read()?,
        })
    }
}

impl Request for ReconfigRequest {
    type Reply = GetDataResponse;

    fn opcode(&self) -> OpCode {
        OpCode::Reconfig
    }
}

fn decode_text(input: &mut Decoder) -> Result<Option<String>, DecodeError> {
    let Some(bytes) = input.read::<Option<Bytes>>()? else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| DecodeError::NotUtf8)?;
    Ok(Some(text.to_owned()))
}
