//! Who contends for something, for those who only look.

use crate::{
    error::Error,
    line::Line,
    naming::{Role, Seat},
    patience,
};
use bytes::Bytes;
use dockeeper_zk_client::{Client, ErrorCode, MultiRead, ReadResult, Stat, path};

/// How many contenders are read in one request: what they say of themselves is short.
const READS_MAX: usize = 128;

/// One who contends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contender {
    /// Its znode, as the client sees it.
    pub node: String,
    /// What it contends for.
    pub role: Role,
    /// What it says of itself.
    pub data: Bytes,
    /// Its znode's metadata.
    pub stat: Stat,
    /// Whether it is its turn.
    pub is_holder: bool,
}

/// Those who contend for something, in their order; none when there is no such znode. They are read
/// as the first of `lines` that all of them belong to. Needs a server of version 3.6.
///
/// # Errors
///
/// [`Error::Foreign`] for the first of `lines` when they belong to none of them, and their order
/// cannot be told; [`Error::Refused`] for everything else.
pub async fn contenders(
    client: &Client,
    path: &str,
    lines: &[Line],
) -> Result<Vec<Contender>, Error> {
    let children = match patience::repeat(|| client.list(path)).await {
        Ok((children, _)) => children,
        Err(error) if error.is(ErrorCode::NoNode) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut refused = None;
    for line in lines {
        match line.seats(&children) {
            Ok(seats) => return read(client, path, &seats, line.holders(&seats)).await,
            Err(name) => refused = refused.or(Some((name, line.naming()))),
        }
    }
    refused.map_or(Ok(Vec::new()), |(name, naming)| {
        Err(Error::Foreign {
            path: path.to_owned(),
            name: name.to_owned(),
            naming,
        })
    })
}

async fn read(
    client: &Client,
    path: &str,
    seats: &[Seat<'_>],
    holders: usize,
) -> Result<Vec<Contender>, Error> {
    let mut contenders = Vec::with_capacity(seats.len());
    for (chunk, from) in seats.chunks(READS_MAX).zip((0..).step_by(READS_MAX)) {
        let nodes = chunk.iter().map(|seat| path::join(path, seat.name));
        let reads = nodes.fold(MultiRead::new(), |reads, node| reads.get(&node));
        let read = patience::repeat(|| client.multi_read(reads.clone())).await?;
        for ((seat, read), place) in chunk.iter().zip(read).zip(from..) {
            // One that is gone meanwhile contends no longer.
            if let Ok(ReadResult::Data(data, stat)) = read {
                contenders.push(Contender {
                    node: path::join(path, seat.name),
                    role: seat.role,
                    data,
                    stat,
                    is_holder: place < holders,
                });
            }
        }
    }
    Ok(contenders)
}
