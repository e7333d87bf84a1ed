//! ZooKeeper's four-letter words.

use dockeeper_zk_client::{
    connect_string::Host,
    transport::{Connect, Stream},
};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time,
};

/// How long a server may take for a connection and an answer.
const LIMIT: Duration = Duration::from_secs(5);

/// More than the answer to a word takes that is asked here.
const ANSWER_LEN_MAX: u64 = 64 << 10;

/// Connects.
pub(super) async fn connect(by: &dyn Connect, host: &Host) -> io::Result<Box<dyn Stream>> {
    limited(by.connect(host)).await
}

/// Asks a server, which hangs up when it has answered. `None` when it may not answer.
pub(super) async fn ask(by: &dyn Connect, host: &Host, word: &str) -> io::Result<Option<String>> {
    let answer = limited(async {
        let mut stream = by.connect(host).await?;
        stream.write_all(word.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(ANSWER_LEN_MAX).read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    });
    let answer = answer.await?;
    // The server's own sentence; older ones hang up without a word.
    let is_refused = answer.is_empty() || answer.contains("not in the whitelist");
    Ok((!is_refused).then_some(answer))
}

async fn limited<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match time::timeout(LIMIT, future).await {
        Ok(result) => result,
        Err(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("no answer within {LIMIT:?}"),
        )),
    }
}

/// The value of a line `key<separator>value`.
pub(super) fn value<'a>(answer: &'a str, key: &str, separator: char) -> Option<&'a str> {
    let mut lines = answer.lines().filter_map(|line| line.split_once(separator));
    lines
        .find(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim())
}
