//! Who contends for something, for those who only look.

use crate::{error::Error, line::Line, naming::Role, patience};
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

/// Those who contend for something, in their order; none when there is no such znode. Needs a server
/// of version 3.6.
///
/// # Errors
///
/// [`Error::Foreign`] when their order cannot be told, [`Error::Refused`] for everything else.
pub async fn contenders(client: &Client, path: &str, line: Line) -> Result<Vec<Contender>, Error> {
    let children = match patience::repeat(|| client.list(path)).await {
        Ok((children, _)) => children,
        Err(error) if error.is(ErrorCode::NoNode) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let seats = line.seats(&children).map_err(|name| Error::Foreign {
        path: path.to_owned(),
        name: name.to_owned(),
        naming: line.naming(),
    })?;
    let holders = line.holders(&seats);
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
