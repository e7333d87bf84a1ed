//! `ZooKeeper`'s four-letter words: a command in the first four bytes, an answer in plain text.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::error::{Error, Result};

/// For one question; a server that serves answers within milliseconds.
const LIMIT: Duration = Duration::from_secs(2);

/// The longest answers, of `cons` and `wchp`, are a line for each of thousands of sessions.
const ANSWER_BYTES_MAX: u64 = 4 << 20;

/// Sends a four-letter word, such as `ruok`, and returns the answer.
///
/// # Errors
///
/// [`Error::Timeout`] after two seconds, which also is what a lost or refused connection becomes.
pub async fn ask(address: SocketAddr, word: &str) -> Result<String> {
    let conversation = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(word.as_bytes()).await?;
        let mut answer = String::new();
        stream
            .take(ANSWER_BYTES_MAX)
            .read_to_string(&mut answer)
            .await?;
        Ok::<_, std::io::Error>(answer)
    };
    let failed = |last: String| Error::Timeout {
        what: format!("the answer of {address} to {word}"),
        limit: LIMIT,
        last,
    };
    match timeout(LIMIT, conversation).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(_) => Err(failed("silence".into())),
    }
}

/// What a server does in its ensemble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is alone.
    Standalone,
    /// It orders the writes.
    Leader,
    /// It votes.
    Follower,
    /// It follows without a vote.
    Observer,
}

/// The part of the answer to `srvr` that tests need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// What the server does in its ensemble.
    pub mode: Mode,
    /// The last transaction that it has seen.
    pub zxid: u64,
    /// How many clients are connected, the one that asks included.
    pub connections: u32,
    /// How many znodes there are, the built-in ones included.
    pub nodes: u64,
}

impl Status {
    /// Reads an answer to `srvr`. A server that does not serve, for lack of a quorum, says so
    /// without a mode and yields `None`.
    #[must_use]
    pub fn parse(answer: &str) -> Option<Self> {
        let field = |name: &str| {
            let mut lines = answer.lines().filter_map(|line| line.split_once(": "));
            lines
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.trim())
        };
        let mode = match field("Mode")? {
            "standalone" => Mode::Standalone,
            "leader" => Mode::Leader,
            "follower" => Mode::Follower,
            "observer" => Mode::Observer,
            _ => return None,
        };
        let zxid = u64::from_str_radix(field("Zxid")?.strip_prefix("0x")?, 16).ok()?;
        let connections = field("Connections")?.parse().ok()?;
        Some(Self {
            mode,
            zxid,
            connections,
            nodes: field("Node count")?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_a_leader_is_understood() {
        let answer = "Zookeeper version: 3.8.0-${mvngit.commit.id}, built on 2024-12-29 17:54 UTC\n\
                      Latency min/avg/max: 0/0.0/0\nReceived: 8\nSent: 7\nConnections: 1\n\
                      Outstanding: 0\nZxid: 0x100000002\nMode: leader\nNode count: 5\n\
                      Proposal sizes last/min/max: -1/-1/-1\n";
        let expected = Status {
            mode: Mode::Leader,
            zxid: 0x1_0000_0002,
            connections: 1,
            nodes: 5,
        };
        assert_eq!(Status::parse(answer), Some(expected));
    }

    #[test]
    fn a_server_without_a_quorum_has_no_status() {
        let answer = "This ZooKeeper instance is not currently serving requests\n";
        assert_eq!(Status::parse(answer), None);
        assert_eq!(Status::parse(""), None);
    }
}
