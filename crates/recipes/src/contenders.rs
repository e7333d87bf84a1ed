//! Who contends for something, for those who only look.

use crate::{
    error::Error,
    line::Line,
    naming::{Naming, Role, Seat},
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
    /// What it says of itself; nothing where the session may not read it.
    pub data: Bytes,
    /// Its znode's metadata.
    pub stat: Stat,
    /// Whether it is its turn.
    pub is_holder: bool,
}

/// Who contends for something, and who stands among them that should not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Those whose order can be told, in their order.
    pub contenders: Vec<Contender>,
    /// The other children, by their paths as the client sees them: nobody knows what they stand for,
    /// and nobody gets what is contended for while they are there.
    pub foreign: Vec<String>,
    /// Whose names the contenders have.
    pub naming: Naming,
}

/// Those who contend for something, in their order; none when there is no such znode. They are read
/// as the first of `lines` that all of them belong to. Needs a server of version 3.6.
///
/// # Errors
///
/// [`Error::Foreign`] when they belong to none of `lines`, and their order cannot be told; else as
/// [`survey`].
pub async fn contenders(
    client: &Client,
    path: &str,
    lines: &[Line],
) -> Result<Vec<Contender>, Error> {
    let survey = survey(client, path, lines).await?;
    match survey.foreign.first() {
        None => Ok(survey.contenders),
        Some(foreign) => Err(Error::Foreign {
            path: path.to_owned(),
            name: path::name(foreign).to_owned(),
            naming: survey.naming,
        }),
    }
}

/// The same for those who have to see what is there although it does not belong together: they are
/// read as the first of `lines` that the fewest are foreign to.
///
/// # Errors
///
/// [`Error::SessionOver`], and [`Error::Refused`] for everything else.
pub async fn survey(client: &Client, path: &str, lines: &[Line]) -> Result<Survey, Error> {
    let children = children(client, path).await?;
    let sorted = lines.iter().map(|line| (line, line.sort_out(&children)));
    let Some((line, (seats, foreign))) = sorted.min_by_key(|(_, (_, foreign))| foreign.len())
    else {
        return Ok(Survey::default());
    };
    Ok(Survey {
        contenders: read(client, path, &seats, line.holders(&seats)).await?,
        foreign: foreign.iter().map(|name| path::join(path, name)).collect(),
        naming: line.naming(),
    })
}

/// The names of a znode's children; none when it is not there.
pub(crate) async fn children(client: &Client, path: &str) -> Result<Vec<String>, Error> {
    match patience::repeat(|| client.list(path)).await {
        Ok((children, _)) => Ok(children),
        Err(error) if error.is(ErrorCode::NoNode) => Ok(Vec::new()),
        Err(error) => Err(Error::of(client, path, error)),
    }
}

/// What those of one znode's children say of themselves that stand in a line.
pub(crate) async fn read(
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
            let node = path::join(path, seat.name);
            let found = match read {
                Ok(ReadResult::Data(data, stat)) => Some((data, stat)),
                // Metadata are for everybody to see.
                Err(error) if error.is(ErrorCode::NoAuth) => {
                    let stat = patience::repeat(|| client.exists(&node)).await?;
                    stat.map(|stat| (Bytes::new(), stat))
                }
                // One that is gone meanwhile contends no longer.
                _ => None,
            };
            contenders.extend(found.map(|(data, stat)| Contender {
                node,
                role: seat.role,
                data,
                stat,
                is_holder: place < holders,
            }));
        }
    }
    Ok(contenders)
}
