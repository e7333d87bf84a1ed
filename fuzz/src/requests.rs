use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{OpCode, Record, frame};
use dockeeper_zk_proto::{acl::*, connect::*, create::*, data::*, header::*, multi::*};
use dockeeper_zk_proto::{session::*, watch::*};

use super::round_trips;

/// Reads a whole connection as a server does: the handshake, then requests by their opcodes.
pub fn requests(data: &[u8]) {
    let mut wire = BytesMut::from(data);
    let mut next = || {
        frame::take(&mut wire, frame::LEN_MAX_DEFAULT)
            .ok()
            .flatten()
    };
    let Some(handshake) = next() else {
        return;
    };
    round_trips::<ConnectRequest>(handshake);
    while let Some(mut frame) = next() {
        let Ok(header) = RequestHeader::from_bytes(frame.clone()) else {
            return;
        };
        if let Some(opcode) = OpCode::from_wire(header.opcode) {
            body(opcode, frame.split_off(RequestHeader::LEN_MIN));
        }
    }
}

fn body(opcode: OpCode, input: Bytes) {
    match opcode {
        OpCode::Create | OpCode::Create2 | OpCode::CreateContainer => {
            round_trips::<CreateRequest>(input);
        }
        OpCode::CreateTtl => round_trips::<CreateTtlRequest>(input),
        OpCode::Delete | OpCode::DeleteContainer => round_trips::<DeleteRequest>(input),
        OpCode::Exists => round_trips::<ExistsRequest>(input),
        OpCode::GetData => round_trips::<GetDataRequest>(input),
        OpCode::SetData => round_trips::<SetDataRequest>(input),
        OpCode::GetAcl => round_trips::<GetAclRequest>(input),
        OpCode::SetAcl => round_trips::<SetAclRequest>(input),
        OpCode::GetChildren => round_trips::<GetChildrenRequest>(input),
        OpCode::GetChildren2 => round_trips::<GetChildren2Request>(input),
        OpCode::GetAllChildrenNumber => round_trips::<GetAllChildrenNumberRequest>(input),
        OpCode::GetEphemerals => round_trips::<GetEphemeralsRequest>(input),
        OpCode::Sync => round_trips::<SyncRequest>(input),
        OpCode::Check => round_trips::<CheckVersionRequest>(input),
        OpCode::Multi => round_trips::<MultiRequest>(input),
        OpCode::MultiRead => round_trips::<MultiReadRequest>(input),
        OpCode::Auth => round_trips::<AuthRequest>(input),
        OpCode::AddWatch => round_trips::<AddWatchRequest>(input),
        OpCode::CheckWatches => round_trips::<CheckWatchesRequest>(input),
        OpCode::RemoveWatches => round_trips::<RemoveWatchesRequest>(input),
        OpCode::SetWatches => round_trips::<SetWatchesRequest>(input),
        OpCode::SetWatches2 => round_trips::<SetWatches2Request>(input),
        // They have no body, or one that nothing here reads.
        OpCode::Ping
        | OpCode::WhoAmI
        | OpCode::Reconfig
        | OpCode::Sasl
        | OpCode::CreateSession
        | OpCode::CloseSession => {}
    }
}
