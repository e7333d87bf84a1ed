use super::Header;
use crate::{
    DecodeError, Decoder, ErrorCode, OpCode, Record,
    create::{Create2Response, CreateResponse},
    data::{GetChildrenResponse, GetDataResponse, SetDataResponse},
};
use bytes::BytesMut;

/// What became of one operation of a multi.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpResult {
    /// A znode was created.
    Create(CreateResponse),
    /// A znode was created, by one of the later operations.
    Create2(Create2Response),
    /// A znode was deleted.
    Delete,
    /// A znode's data was replaced.
    SetData(SetDataResponse),
    /// A znode has the version that was demanded.
    Check,
    /// A znode's data.
    GetData(GetDataResponse),
    /// A znode's children.
    GetChildren(GetChildrenResponse),
    /// The operation failed; or `None`, it would have succeeded, but a later one failed.
    Error(Option<ErrorCode>),
}

/// The results of a multi, one for each operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MultiResponse {
    /// In the operations' order.
    pub results: Vec<OpResult>,
}

/// The type in the header before an error.
const ERROR_KIND: i32 = -1;

// === impl OpResult ===

impl OpResult {
    fn encode(&self, out: &mut BytesMut) {
        let kind = match self {
            Self::Create(_) => OpCode::Create.to_wire(),
            Self::Create2(_) => OpCode::Create2.to_wire(),
            Self::Delete => OpCode::Delete.to_wire(),
            Self::SetData(_) => OpCode::SetData.to_wire(),
            Self::Check => OpCode::Check.to_wire(),
            Self::GetData(_) => OpCode::GetData.to_wire(),
            Self::GetChildren(_) => OpCode::GetChildren.to_wire(),
            Self::Error(_) => ERROR_KIND,
        };
        let err = match self {
            Self::Error(code) => code.map_or(0, ErrorCode::to_wire),
            _ => 0,
        };
        let header = Header {
            kind,
            done: false,
            err,
        };
        header.encode(out);
        match self {
            Self::Create(body) => body.encode(out),
            Self::Create2(body) => body.encode(out),
            Self::SetData(body) => body.encode(out),
            Self::GetData(body) => body.encode(out),
            Self::GetChildren(body) => body.encode(out),
            Self::Error(_) => err.encode(out),
            Self::Delete | Self::Check => {}
        }
    }

    fn decode(kind: i32, input: &mut Decoder) -> Result<Self, DecodeError> {
        if kind == ERROR_KIND {
            return Ok(Self::Error(ErrorCode::from_wire(input.read()?)));
        }
        Ok(match OpCode::from_wire(kind) {
            Some(OpCode::Create) => Self::Create(input.read()?),
            Some(OpCode::Create2 | OpCode::CreateContainer | OpCode::CreateTtl) => {
                Self::Create2(input.read()?)
            }
            Some(OpCode::Delete) => Self::Delete,
            Some(OpCode::SetData) => Self::SetData(input.read()?),
            Some(OpCode::Check) => Self::Check,
            Some(OpCode::GetData) => Self::GetData(input.read()?),
            Some(OpCode::GetChildren) => Self::GetChildren(input.read()?),
            _ => {
                return Err(DecodeError::Value {
                    what: "a result in a multi",
                    value: kind,
                });
            }
        })
    }
}

// === impl MultiResponse ===

impl Record for MultiResponse {
    const LEN_MIN: usize = Header::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        for result in &self.results {
            result.encode(out);
        }
        Header::END.encode(out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        let mut results = Vec::new();
        loop {
            let header: Header = input.read()?;
            if header.done {
                return Ok(Self { results });
            }
            results.push(OpResult::decode(header.kind, input)?);
        }
    }
}
