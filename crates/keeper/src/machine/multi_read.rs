//! Several reads in one request.

use super::{
    Effects, Machine,
    answer::{Refusal, Shows},
    connection::Caller,
    multi::{header, put_end, put_error, put_header},
    reader::{Garbled, Reader},
    reads,
    writes::Body,
};
use bytes::{BufMut, BytesMut};
use dockeeper_zk_proto::{ErrorCode, OpCode, Record, acl::perms};
use std::borrow::Cow;

/// The longest answer, in bytes. A request of one frame can name a large znode many thousand
/// times; 16 MiB is far above what any client reads.
const ANSWER_LEN_MAX: usize = 16 * 1024 * 1024;

// === impl Machine ===

impl Machine {
    /// Each read succeeds or fails by itself. None leaves a watch, whatever it says.
    pub(super) fn multi_read(
        &mut self,
        caller: &Caller,
        mut body: Body<'_>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let ops = read(&mut body.reader)?;
        let mut answer = BytesMut::new();
        for (opcode, path) in ops {
            self.read_one(caller, opcode, &path, &mut answer);
            if answer.len() > ANSWER_LEN_MAX {
                return Err(ErrorCode::SystemError.into());
            }
        }
        put_end(&mut answer);
        let after = self.after(Shows::All, "");
        self.reply(caller, after, effects, |_, out| out.put(answer));
        Ok(())
    }

    fn read_one(&self, caller: &Caller, opcode: OpCode, path: &str, out: &mut BytesMut) {
        let found = self.tree.find(path).map_err(|_| ErrorCode::NoNode);
        let found = found.and_then(|id| {
            self.check(id, perms::READ, &caller.ids)?;
            Ok(id)
        });
        match found {
            Err(code) => put_error(code.to_wire(), out),
            Ok(id) => {
                put_header(opcode.to_wire(), 0, out);
                if opcode == OpCode::GetData {
                    reads::put_data(&self.tree, id, out);
                    self.tree.stat(id).encode(out);
                } else {
                    reads::put_children(&self.tree, id, out);
                }
            }
        }
    }
}

fn read<'a>(reader: &mut Reader<'a>) -> Result<Vec<(OpCode, Cow<'a, str>)>, Garbled> {
    let mut ops = Vec::new();
    while let Some(opcode) = header(reader)? {
        if !matches!(opcode, OpCode::GetData | OpCode::GetChildren) {
            return Err(Garbled);
        }
        ops.push((opcode, reader.text()?));
        reader.bool()?;
    }
    Ok(ops)
}
