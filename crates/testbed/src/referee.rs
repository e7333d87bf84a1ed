//! A resource that contenders use while they hold a lock, and that judges whether they may.
//!
//! It speaks lines over TCP, so that programs in any language can take part. `enter PARTY USE TOKEN
//! UNTIL` and `stay PARTY USE TOKEN UNTIL` are answered with `ok`, `late` or `wrong`, `leave TOKEN`
//! with `ok`. The use is `alone`, `shared`, or how many may be inside at a time. Until is when the
//! holder can no longer be sure, in nanoseconds of `CLOCK_BOOTTIME`, or `-` when it does not know.

mod judge;

pub use self::judge::Verdict;

use self::judge::{Answer, Judge, Use};
use crate::error::{Error, Result};
use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

/// Judges those who use one resource. Dropping it ends it.
#[derive(Debug)]
pub struct Referee {
    address: SocketAddr,
    judge: Arc<Mutex<Judge>>,
    listening: AbortHandle,
}

// === impl Referee ===

impl Referee {
    /// Listens at a free port of an address.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if there is none.
    pub async fn start(address: IpAddr) -> Result<Self> {
        let failed = Error::file("listen at", address.to_string());
        let listener = TcpListener::bind((address, 0)).await;
        let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = bound.map_err(failed)?;
        let judge = Arc::<Mutex<Judge>>::default();
        let judging = judge.clone();
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, judging.clone()));
            }
        });
        Ok(Self {
            address,
            judge,
            listening: listening.abort_handle(),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has seen so far.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.judge.lock().verdict()
    }
}

impl Drop for Referee {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Answers one party until it hangs up.
async fn serve(stream: TcpStream, judge: Arc<Mutex<Judge>>) {
    let (input, mut output) = stream.into_split();
    let mut lines = BufReader::new(input).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = answer(&judge, &line);
        if output.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn answer(judge: &Mutex<Judge>, line: &str) -> &'static str {
    let words: Vec<_> = line.split(' ').collect();
    let answer = match *words {
        ["enter", party, used, token, until] => read(used, token, until)
            .map(|(how, token, until)| judge.lock().enter(now(), party, how, token, until)),
        ["stay", party, used, token, until] => read(used, token, until)
            .map(|(_, token, until)| judge.lock().stay(now(), party, token, until)),
        ["leave", token] => token.parse().ok().map(|token| judge.lock().leave(token)),
        _ => None,
    };
    match answer {
        Some(Answer::Right) => "ok\n",
        Some(Answer::Late) => "late\n",
        Some(Answer::Wrong) => "wrong\n",
        None => "what?\n",
    }
}

fn read(used: &str, token: &str, until: &str) -> Option<(Use, i64, Option<Duration>)> {
    let used = match used {
        "alone" => Use::Alone,
        "shared" => Use::Shared,
        permits => Use::Permits(permits.parse().ok()?),
    };
    let until = match until {
        "-" => None,
        until => Some(Duration::from_nanos(until.parse().ok()?)),
    };
    Some((used, token.parse().ok()?, until))
}

fn now() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    let seconds = Duration::from_secs(now.tv_sec.unsigned_abs());
    seconds + Duration::from_nanos(now.tv_nsec.unsigned_abs())
}
