//! Who a connection is.

use super::{
    Effects, Machine,
    answer::{Refusal, send},
    connection::Caller,
    reader::{Garbled, Reader},
};
use bytes::BytesMut;
use dockeeper_zk_proto::{ErrorCode, Record, acl::Id, header::ReplyHeader};

/// A null buffer.
const NULL: i32 = -1;

// === impl Machine ===

impl Machine {
    /// Adds what credentials prove to a connection's identities. A connection whose credentials
    /// are refused is closed, so that guessing costs a handshake each time.
    pub(super) fn auth(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        effects: &mut Effects,
    ) -> Result<(), Garbled> {
        body.i32()?;
        let (scheme, credentials) = (body.text()?, body.buffer()?);
        let Some(connection) = self.connections.get_mut(&caller.conn) else {
            return Ok(());
        };
        let (ip, x509) = (connection.peer.ip, connection.peer.x509.as_deref());
        let schemes = &self.rules.schemes;
        match schemes.authenticate(&scheme, credentials, ip, x509) {
            Ok(ids) => {
                connection.add_ids(ids);
                self.reply_aside(caller, 0, effects, |_| {});
            }
            Err(_) => {
                let refused = ErrorCode::AuthFailed.to_wire();
                self.reply_aside(caller, refused, effects, |_| {});
                self.hang_up(caller.conn, effects);
            }
        }
        Ok(())
    }

    /// There is no SASL here. Apache's server without it gives a null token and goes on.
    pub(super) fn sasl(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        effects: &mut Effects,
    ) -> Result<(), Garbled> {
        body.buffer()?.ok_or(Garbled)?;
        self.reply_aside(caller, 0, effects, |out| NULL.encode(out));
        Ok(())
    }

    /// The connection's identities, without secrets.
    pub(super) fn who_am_i(
        &mut self,
        caller: &Caller,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let ids: Vec<Id> = caller.ids.iter().map(without_secret).collect();
        self.reply(caller, 0, effects, |_, out| ids.encode(out));
        Ok(())
    }

    /// Answers a request that has no place in the order of transactions: its header says 0.
    fn reply_aside(
        &mut self,
        caller: &Caller,
        err: i32,
        effects: &mut Effects,
        body: impl FnOnce(&mut BytesMut),
    ) {
        let header = ReplyHeader {
            xid: caller.xid,
            zxid: 0,
            err,
        };
        if let Some(frame) = self.frames.reply(header, body) {
            send(caller.conn, 0, frame, effects);
        }
    }
}

/// The user of a digest is what stands before the colon; who may do everything has no name.
fn without_secret(id: &Id) -> Id {
    let name = match id.scheme.as_str() {
        "digest" => id.id.split(':').next().unwrap_or_default(),
        "super" => "",
        _ => &id.id,
    };
    Id {
        scheme: id.scheme.clone(),
        id: name.to_owned(),
    }
}
