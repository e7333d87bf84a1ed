use super::{list::List, watches::id};
use crate::traffic::Traffic;
use dockeeper_zk_proto::OpCode;
use std::{fmt::Write, net::SocketAddr};

/// A connection's figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Where it comes from.
    pub remote: SocketAddr,
    /// Whether the server waits for its next frame.
    pub is_reading: bool,
    /// Whether the server waits until it can take more.
    pub is_writing: bool,
    /// What went over it.
    pub traffic: Traffic,
    /// Its session, behind the handshake.
    pub session: Option<OnConnection>,
}

/// What a session did on its connection.
#[derive(Clone, Debug, PartialEq)]
pub struct OnConnection {
    /// The session.
    pub id: i64,
    /// Its time-out in milliseconds.
    pub timeout_ms: i32,
    /// When the connection was made, in milliseconds since 1970.
    pub established_ms: i64,
    /// What it asked for last; nothing yet.
    pub last: Option<OpCode>,
    /// The client's number of the last request that had one, and not one of the special ones.
    pub last_xid: Option<i32>,
    /// The last transaction that it was told of.
    pub last_zxid: i64,
    /// When it got its last answer, in milliseconds since the server's start.
    pub last_reply_ms: u64,
    /// How long that took, in milliseconds.
    pub last_latency_ms: u64,
}

/// The answer to `cons`, with some of `total` connections or all.
pub fn cons(connections: &[Connection], total: usize) -> String {
    let mut out = String::new();
    write_connections(&mut out, connections, total, |connection| {
        connection.session.as_ref()
    });
    out.push('\n');
    out
}

/// What `cons` calls an operation.
pub fn operation(opcode: OpCode) -> &'static str {
    match opcode {
        OpCode::Create | OpCode::Create2 | OpCode::CreateContainer | OpCode::CreateTtl => "CREA",
        OpCode::Delete | OpCode::DeleteContainer => "DELE",
        OpCode::Exists => "EXIS",
        OpCode::GetData => "GETD",
        OpCode::SetData => "SETD",
        OpCode::GetAcl => "GETA",
        OpCode::SetAcl => "SETA",
        OpCode::GetChildren | OpCode::GetChildren2 => "GETC",
        OpCode::Sync => "SYNC",
        OpCode::Ping => "PING",
        OpCode::Check => "CHEC",
        OpCode::Multi => "MULT",
        OpCode::Reconfig => "RECO",
        OpCode::CheckWatches => "CHKW",
        OpCode::RemoveWatches => "REMW",
        OpCode::MultiRead => "MLTR",
        OpCode::SetWatches => "SETW",
        OpCode::GetEphemerals => "GETE",
        OpCode::GetAllChildrenNumber => "GETACN",
        OpCode::SetWatches2 => "STW2",
        OpCode::AddWatch => "ADDW",
        OpCode::WhoAmI => "HOMI",
        OpCode::CreateSession => "SESS",
        OpCode::CloseSession => "CLOS",
        OpCode::Auth | OpCode::Sasl => NO_OPERATION,
    }
}

/// What `cons` says where there is no operation, or one that it has no name for.
const NO_OPERATION: &str = "NA";

/// The bit of Java's selection keys for a socket that is read from.
const OP_READ: u8 = 1;

/// The bit of Java's selection keys for a socket that is written to.
const OP_WRITE: u8 = 4;

/// Writes one line for each connection, with what `session_of` gives of its session.
pub(super) fn write_connections(
    out: &mut String,
    connections: &[Connection],
    total: usize,
    session_of: impl Fn(&Connection) -> Option<&OnConnection>,
) {
    let mut list = List::new(out);
    for connection in connections {
        let line = line(connection, session_of(connection));
        if !list.entry(format_args!("{line}")) {
            break;
        }
    }
    list.end(total, "connections");
}

fn line(connection: &Connection, session: Option<&OnConnection>) -> String {
    let Connection {
        remote,
        is_reading,
        is_writing,
        traffic,
        session: _,
    } = connection;
    let waits_for = u8::from(*is_reading) * OP_READ + u8::from(*is_writing) * OP_WRITE;
    let (queued, received, sent) = (traffic.outstanding, traffic.received, traffic.sent);
    let mut out = format!(" /{remote}[{waits_for}](queued={queued},recved={received},sent={sent}");
    if let Some(session) = session {
        write_session(&mut out, session, traffic);
    }
    out.push(')');
    out
}

fn write_session(out: &mut String, session: &OnConnection, traffic: &Traffic) {
    let last = session.last.map_or(NO_OPERATION, operation);
    // Writing to a string cannot fail, here and below.
    let _ = write!(
        out,
        ",sid={},lop={last},est={},to={}",
        id(session.id),
        session.established_ms,
        session.timeout_ms,
    );
    if let Some(xid) = session.last_xid {
        let _ = write!(out, ",lcxid=0x{xid:x}");
    }
    let latency = &traffic.latency;
    let _ = write!(
        out,
        ",lzxid=0x{:x},lresp={},llat={},minlat={},avglat={},maxlat={}",
        session.last_zxid,
        session.last_reply_ms,
        session.last_latency_ms,
        latency.min_ms(),
        // Whole milliseconds here, as nowhere else.
        latency.mean_ms().floor(),
        latency.max_ms(),
    );
}
