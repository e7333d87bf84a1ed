//! What others can read of who holds or waits.

use super::Options;
use crate::clock;
use dockeeper_model::{
    encode,
    holder::{Holder, VERSION},
};
use dockeeper_zk_client::Client;
use std::{convert::Infallible, future::pending, time::Duration};
use tokio::time;

/// How much of the command's line its znode shows: everybody who looks reads all of them.
const COMMAND_LEN_MAX: usize = 512;

/// Who has not waited for longer holds since it came, in the seconds that people are shown.
const WAITED_MIN: Duration = Duration::from_secs(1);

/// How long a command runs before others are told since when. That is a write, and it wakes the next
/// one in the line once: nothing for a lock that goes from hand to hand quickly.
const TELL_AFTER: Duration = Duration::from_millis(100);

/// What others are told of this process.
pub(super) fn holder(options: &Options) -> Holder {
    let mut room = COMMAND_LEN_MAX;
    let words = options.command.iter().map(|word| word.to_string_lossy());
    let words = words.map_while(|word| {
        room = room.checked_sub(word.len())?;
        Some(word.into_owned())
    });
    let now_ms = clock::now_ms();
    Holder {
        version: VERSION,
        host: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
        node: None,
        container: None,
        pid: std::process::id(),
        command: words.collect(),
        since_ms: now_ms,
        // Until it says otherwise: true of one that did not wait.
        held_since_ms: Some(now_ms),
    }
}

/// Tells others, beside what goes on meanwhile, since when it is held.
pub(super) async fn tell(client: &Client, node: &str, holder: &Holder) -> Infallible {
    let now_ms = clock::now_ms();
    let waited_ms = u64::try_from(now_ms.saturating_sub(holder.since_ms)).unwrap_or_default();
    if Duration::from_millis(waited_ms) >= WAITED_MIN {
        let holder = Holder {
            held_since_ms: Some(now_ms),
            ..holder.clone()
        };
        time::sleep(TELL_AFTER).await;
        if let Err(error) = client.set(node, encode(&holder), None).await {
            tracing::debug!(node, %error, "cannot tell others since when it is held");
        }
    }
    pending().await
}
