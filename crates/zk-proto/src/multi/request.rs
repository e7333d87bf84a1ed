use super::{Header, MultiResponse};
use crate::{
    DecodeError, Decoder, OpCode, Record, Request,
    create::{CreateRequest, CreateTtlRequest},
    data::{
        CheckVersionRequest, DeleteRequest, GetChildrenRequest, GetDataRequest, SetDataRequest,
    },
};
use bytes::BytesMut;

/// One write, or check, of a multi.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Creates a znode; the result has its path.
    Create(CreateRequest),
    /// Creates a znode; the result has its path and metadata.
    Create2(CreateRequest),
    /// Creates a container.
    CreateContainer(CreateRequest),
    /// Creates a znode with a time to live.
    CreateTtl(CreateTtlRequest),
    /// Deletes a znode.
    Delete(DeleteRequest),
    /// Replaces a znode's data.
    SetData(SetDataRequest),
    /// Fails the whole unless a znode has a version.
    Check(CheckVersionRequest),
}

/// Writes and checks that all take effect, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MultiRequest {
    /// In the order in which they take effect.
    pub ops: Vec<Op>,
}

/// One read of a multi.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadOp {
    /// Gets a znode's data.
    GetData(GetDataRequest),
    /// Lists a znode's children.
    GetChildren(GetChildrenRequest),
}

/// Reads in one request. Each succeeds or fails by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MultiReadRequest {
    /// In the order of their results.
    pub ops: Vec<ReadOp>,
}

/// An operation behind a header.
trait Item: Sized {
    fn opcode(&self) -> OpCode;
    fn encode_body(&self, out: &mut BytesMut);
    fn decode_body(
        opcode: Option<OpCode>,
        input: &mut Decoder,
    ) -> Result<Option<Self>, DecodeError>;
}

// === impl Op ===

impl Op {
    /// The znode that the operation concerns.
    pub fn path(&self) -> &str {
        match self {
            Self::Create(op) | Self::Create2(op) | Self::CreateContainer(op) => &op.path,
            Self::CreateTtl(op) => &op.path,
            Self::Delete(op) => &op.path,
            Self::SetData(op) => &op.path,
            Self::Check(op) => &op.path,
        }
    }

    /// The same, to be changed.
    pub fn path_mut(&mut self) -> &mut String {
        match self {
            Self::Create(op) | Self::Create2(op) | Self::CreateContainer(op) => &mut op.path,
            Self::CreateTtl(op) => &mut op.path,
            Self::Delete(op) => &mut op.path,
            Self::SetData(op) => &mut op.path,
            Self::Check(op) => &mut op.path,
        }
    }
}

impl Item for Op {
    fn opcode(&self) -> OpCode {
        match self {
            Self::Create(_) => OpCode::Create,
            Self::Create2(_) => OpCode::Create2,
            Self::CreateContainer(_) => OpCode::CreateContainer,
            Self::CreateTtl(_) => OpCode::CreateTtl,
            Self::Delete(_) => OpCode::Delete,
            Self::SetData(_) => OpCode::SetData,
            Self::Check(_) => OpCode::Check,
        }
    }

    fn encode_body(&self, out: &mut BytesMut) {
        match self {
            Self::Create(op) | Self::Create2(op) | Self::CreateContainer(op) => op.encode(out),
            Self::CreateTtl(op) => op.encode(out),
            Self::Delete(op) => op.encode(out),
            Self::SetData(op) => op.encode(out),
            Self::Check(op) => op.encode(out),
        }
    }

    fn decode_body(
        opcode: Option<OpCode>,
        input: &mut Decoder,
    ) -> Result<Option<Self>, DecodeError> {
        Ok(Some(match opcode {
            Some(OpCode::Create) => Self::Create(input.read()?),
            Some(OpCode::Create2) => Self::Create2(input.read()?),
            Some(OpCode::CreateContainer) => Self::CreateContainer(input.read()?),
            Some(OpCode::CreateTtl) => Self::CreateTtl(input.read()?),
            Some(OpCode::Delete) => Self::Delete(input.read()?),
            Some(OpCode::SetData) => Self::SetData(input.read()?),
            Some(OpCode::Check) => Self::Check(input.read()?),
            _ => return Ok(None),
        }))
    }
}

// === impl ReadOp ===

impl Item for ReadOp {
    fn opcode(&self) -> OpCode {
        match self {
            Self::GetData(_) => OpCode::GetData,
            Self::GetChildren(_) => OpCode::GetChildren,
        }
    }

    fn encode_body(&self, out: &mut BytesMut) {
        match self {
            Self::GetData(op) => op.encode(out),
            Self::GetChildren(op) => op.encode(out),
        }
    }

    fn decode_body(
        opcode: Option<OpCode>,
        input: &mut Decoder,
    ) -> Result<Option<Self>, DecodeError> {
        Ok(Some(match opcode {
            Some(OpCode::GetData) => Self::GetData(input.read()?),
            Some(OpCode::GetChildren) => Self::GetChildren(input.read()?),
            _ => return Ok(None),
        }))
    }
}

fn encode_items<T: Item>(items: &[T], out: &mut BytesMut) {
    for item in items {
        Header {
            kind: item.opcode().to_wire(),
            done: false,
            err: -1,
        }
        .encode(out);
        item.encode_body(out);
    }
    Header::END.encode(out);
}

fn decode_items<T: Item>(input: &mut Decoder) -> Result<Vec<T>, DecodeError> {
    let mut items = Vec::new();
    loop {
        let header: Header = input.read()?;
        if header.done {
            return Ok(items);
        }
        let item = T::decode_body(OpCode::from_wire(header.kind), input)?;
        items.push(item.ok_or(DecodeError::Value {
            what: "an operation in a multi",
            value: header.kind,
        })?);
    }
}

// === impl MultiRequest ===

impl Record for MultiRequest {
    const LEN_MIN: usize = Header::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        encode_items(&self.ops, out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        Ok(Self {
            ops: decode_items(input)?,
        })
    }
}

impl Request for MultiRequest {
    type Reply = MultiResponse;

    fn opcode(&self) -> OpCode {
        OpCode::Multi
    }
}

// === impl MultiReadRequest ===

impl Record for MultiReadRequest {
    const LEN_MIN: usize = Header::LEN_MIN;

    fn encode(&self, out: &mut BytesMut) {
        encode_items(&self.ops, out);
    }

    fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
        Ok(Self {
            ops: decode_items(input)?,
        })
    }
}

impl Request for MultiReadRequest {
    type Reply = MultiResponse;

    fn opcode(&self) -> OpCode {
        OpCode::MultiRead
    }
}
