//! A server that is not its ensemble's leader, as far as a session can tell: it answers pings
//! itself, passes everything else on to the leader, and tells it twice a tick that a session has
//! spoken. When it hears nothing from the leader it goes on answering pings for a while.

use crate::keeper::{self, TICK};
use bytes::{BufMut, Bytes, BytesMut};
use dockeeper_zk_proto::{
    OpCode, Record, frame,
    header::{ReplyHeader, RequestHeader, xid},
};
use std::{io, net::Ipv4Addr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task,
    time::{self, Instant},
};
use turmoil::net::{TcpListener, TcpStream};

pub(crate) const NAME: &str = "follower";

/// How long it does without its leader: Apache's `syncLimit`, in its sample configuration.
const SYNC_LIMIT: Duration = TICK.saturating_mul(5);

/// How long it tries to reach the leader.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);

pub(crate) async fn serve() -> turmoil::Result {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, keeper::PORT)).await?;
    loop {
        let (client, _) = listener.accept().await?;
        // Either end ends both, which is all that there is to know.
        task::spawn_local(async move { drop(pass_on(client).await) });
    }
}

async fn pass_on(client: TcpStream) -> io::Result<()> {
    let leader = TcpStream::connect((keeper::NAME, keeper::PORT));
    let leader = time::timeout(CONNECT_LIMIT, leader).await??;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_leader, mut to_leader) = leader.into_split();
    let (mut requests, mut replies) = (BytesMut::new(), BytesMut::new());
    let mut half_ticks = time::interval(TICK / 2);
    let mut heard_at = Instant::now();
    let mut has_spoken = false;
    loop {
        tokio::select! {
            biased;
            read = from_client.read_buf(&mut requests) => {
                has_spoken |= alive(read?)?;
                while let Some(frame) = take(&mut requests)? {
                    if is_ping(&frame) {
                        to_client.write_all(&pong()).await?;
                    } else {
                        to_leader.write_all(&whole(&frame)).await?;
                    }
                }
            }
            read = from_leader.read_buf(&mut replies) => {
                alive(read?)?;
                heard_at = Instant::now();
                while let Some(frame) = take(&mut replies)? {
                    if !is_ping(&frame) {
                        to_client.write_all(&whole(&frame)).await?;
                    }
                }
            }
            now = half_ticks.tick() => {
                if now - heard_at > SYNC_LIMIT {
                    return Ok(());
                }
                if std::mem::take(&mut has_spoken) {
                    to_leader.write_all(&ping()).await?;
                }
            }
        }
    }
}

/// Fails at the end of a connection.
fn alive(read: usize) -> io::Result<bool> {
    if read == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(true)
}

fn take(input: &mut BytesMut) -> io::Result<Option<Bytes>> {
    frame::take(input, frame::LEN_MAX_DEFAULT).map_err(io::Error::other)
}

/// A request and its reply begin with the same number.
fn is_ping(frame: &Bytes) -> bool {
    frame.starts_with(&xid::PING.to_be_bytes())
}

fn ping() -> Bytes {
    let header = RequestHeader {
        xid: xid::PING,
        opcode: OpCode::Ping.to_wire(),
    };
    whole(&header.to_bytes())
}

fn pong() -> Bytes {
    let header = ReplyHeader {
        xid: xid::PING,
        zxid: 0,
        err: 0,
    };
    whole(&header.to_bytes())
}

/// A frame with its length.
fn whole(body: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    let put = frame::put(&mut out, frame::LEN_MAX_DEFAULT, |out| out.put_slice(body));
    put.unwrap();
    out.freeze()
}
