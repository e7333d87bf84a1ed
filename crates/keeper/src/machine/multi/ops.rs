//! A multi's operations, as they stand in a frame.

use crate::machine::{
    judge::is_ttl,
    reader::{Garbled, Reader},
    requests::{Create, SetData, Versioned},
    writes::Body,
};
use dockeeper_zk_proto::{OpCode, create::CreateMode};

/// One operation.
pub(super) enum Op<'a> {
    Create(Create<'a>),
    /// One whose flags ask for a time to live, and whose body has none. It cannot be read, but
    /// that counts only when its turn comes.
    CreateWithoutTtl,
    Delete(Versioned<'a>),
    SetData(SetData<'a>),
    Check(Versioned<'a>),
}

/// Reads all operations. Reads, and what is not known, do not belong here.
pub(super) fn read<'a>(body: &mut Body<'a>) -> Result<Vec<Op<'a>>, Garbled> {
    let mut ops = Vec::new();
    while let Some(opcode) = header(&mut body.reader)? {
        ops.push(read_one(opcode, body)?);
    }
    Ok(ops)
}

/// Reads the header before an operation; `None` is the one behind the last.
pub(in crate::machine) fn header(reader: &mut Reader<'_>) -> Result<Option<OpCode>, Garbled> {
    let kind = reader.i32()?;
    let is_done = reader.bool()?;
    reader.i32()?;
    if is_done {
        return Ok(None);
    }
    OpCode::from_wire(kind).map(Some).ok_or(Garbled)
}

fn read_one<'a>(opcode: OpCode, body: &mut Body<'a>) -> Result<Op<'a>, Garbled> {
    let Body { reader, frame } = body;
    // All begin with a path, and here none may be null.
    reader.clone().text()?;
    Ok(match opcode {
        OpCode::Create | OpCode::Create2 | OpCode::CreateContainer => {
            let request = Create::read(reader, frame)?;
            if CreateMode::from_wire(request.flags).is_some_and(is_ttl) {
                Op::CreateWithoutTtl
            } else {
                Op::Create(request)
            }
        }
        OpCode::CreateTtl => Op::Create(Create::read_with_ttl(reader, frame)?),
        OpCode::Delete => Op::Delete(Versioned::read(reader)?),
        OpCode::SetData => Op::SetData(SetData::read(reader, frame)?),
        OpCode::Check => Op::Check(Versioned::read(reader)?),
        _ => return Err(Garbled),
    })
}
