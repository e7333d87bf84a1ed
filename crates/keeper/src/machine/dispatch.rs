//! What a frame asks for.

use super::{
    Effects, Machine, Now,
    answer::{Refusal, Shows},
    connection::Caller,
    reader::{Garbled, Reader},
    writes::Body,
};
use crate::ConnId;
use bytes::Bytes;
use dockeeper_zk_proto::{ErrorCode, OpCode, header::xid};

// === impl Machine ===

impl Machine {
    /// Answers a request. A connection is closed on what is no request at all.
    pub(super) fn frame(&mut self, conn: ConnId, frame: &Bytes, now: Now, effects: &mut Effects) {
        let Some(connection) = self.connections.get(&conn) else {
            return;
        };
        let mut reader = Reader::new(frame);
        let (Ok(xid), Ok(opcode)) = (reader.i32(), reader.i32()) else {
            self.hang_up(conn, effects);
            return;
        };
        if frame.len() > self.rules.frame_len_max {
            self.hang_up(conn, effects);
            return;
        }
        let caller = Caller {
            conn,
            session: connection.session,
            ids: connection.ids.clone(),
            xid,
        };
        self.sessions.touch(caller.session, now.mono);
        let body = Body { reader, frame };
        match OpCode::from_wire(opcode) {
            Some(OpCode::Auth) => {
                let done = self.auth(&caller, body.reader, effects);
                self.hang_up_if_garbled(done, conn, effects);
            }
            Some(OpCode::Sasl) => {
                let done = self.sasl(&caller, body.reader, effects);
                self.hang_up_if_garbled(done, conn, effects);
            }
            // Sessions begin with the first frame, and not like this.
            None | Some(OpCode::CreateSession) => {
                let refusal = Refusal {
                    code: ErrorCode::Unimplemented,
                    shows: Shows::Nothing,
                };
                self.refuse(&caller, refusal, effects);
                self.hang_up(conn, effects);
            }
            Some(opcode) => {
                if let Err(refusal) = self.request(&caller, opcode, body, now, effects) {
                    self.refuse(&caller, refusal, effects);
                }
            }
        }
    }

    fn request(
        &mut self,
        caller: &Caller,
        opcode: OpCode,
        body: Body<'_>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        match opcode {
            OpCode::Create | OpCode::Create2 | OpCode::CreateContainer | OpCode::CreateTtl => {
                self.create(caller, opcode, body, now, effects)
            }
            OpCode::Delete => self.delete(caller, body, now, effects),
            OpCode::SetData => self.set_data(caller, body, now, effects),
            OpCode::SetAcl => self.set_acl(caller, body, now, effects),
            OpCode::Check => self.check_alone(caller, body, effects),
            OpCode::Multi => self.multi(caller, body, now, effects),
            OpCode::MultiRead => self.multi_read(caller, body, effects),
            OpCode::CloseSession => Ok(self.close_session(caller, now, effects)?),
            _ => self.read(caller, opcode, body.reader, effects),
        }
    }

    fn read(
        &mut self,
        caller: &Caller,
        opcode: OpCode,
        body: Reader<'_>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        match opcode {
            OpCode::Exists => self.exists(caller, body, effects),
            OpCode::GetData => self.get_data(caller, body, effects),
            OpCode::GetChildren => self.get_children(caller, body, false, effects),
            OpCode::GetChildren2 => self.get_children(caller, body, true, effects),
            OpCode::GetAcl => self.get_acl(caller, body, effects),
            OpCode::GetAllChildrenNumber => self.get_all_children_number(caller, body, effects),
            OpCode::GetEphemerals => self.get_ephemerals(caller, body, effects),
            OpCode::Sync => self.sync(caller, body, effects),
            OpCode::WhoAmI => self.who_am_i(caller, effects),
            OpCode::SetWatches => self.set_watches(caller, body, false, effects),
            OpCode::SetWatches2 => self.set_watches(caller, body, true, effects),
            OpCode::AddWatch => self.add_watch(caller, body, effects),
            OpCode::CheckWatches => self.check_watches(caller, body, effects),
            OpCode::RemoveWatches => self.remove_watches(caller, body, effects),
            OpCode::Ping => {
                // Its reply has the number that all pings have, whatever the client's was.
                let caller = Caller {
                    xid: xid::PING,
                    ..caller.clone()
                };
                self.reply(&caller, 0, effects, |_, _| {});
                Ok(())
            }
            OpCode::Reconfig => Err(reconfig(body)),
            // What the reaper does is not for clients: Apache takes the wrong bytes for the path.
            _ => Err(Refusal {
                code: ErrorCode::BadArguments,
                shows: Shows::Nothing,
            }),
        }
    }

    fn hang_up_if_garbled(
        &mut self,
        done: Result<(), Garbled>,
        conn: ConnId,
        effects: &mut Effects,
    ) {
        if done.is_err() {
            self.hang_up(conn, effects);
        }
    }
}

/// There is one server, and there will be no other.
fn reconfig(mut body: Reader<'_>) -> Refusal {
    let mut read = || {
        for _ in ["joining", "leaving", "new"] {
            body.text_or_null()?;
        }
        body.i64()
    };
    match read() {
        Ok(_) => Refusal {
            code: ErrorCode::ReconfigDisabled,
            shows: Shows::Nothing,
        },
        Err(garbled) => garbled.into(),
    }
}
