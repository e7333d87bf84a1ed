//! A hold as a stream of server-sent events (WHATWG HTML, "Server-sent events").

use crate::{
    holds::{Status, Tether},
    json,
    view::{State, View},
};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use std::{convert::Infallible, time::Duration};
use tokio::sync::watch;

/// How often a stream that has nothing to say shows that it is there: writing to a connection is
/// the only way to notice that its other end is gone without having closed it.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// What a stream says next, and is drawn from how the hold stands by then: nothing is queued for a
/// reader that is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Waiting,
    Acquired,
    Suspended,
    Resumed,
    Lost,
    Refused,
}

/// The hold's life in events. It ends with the stream.
pub(crate) fn stream(tether: Tether) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let status = tether.hold().status();
    let events = stream::unfold(
        (tether, status, None),
        async |(tether, mut status, told)| {
            let (word, now) = next(&mut status, told).await?;
            let view = View::of(tether.hold(), &now);
            let event = Event::default()
                .event(word.as_str())
                .data(json::line(&view));
            Some((Ok(event), (tether, status, Some(word))))
        },
    );
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

/// Waits for something to say.
async fn next(status: &mut watch::Receiver<Status>, told: Option<Word>) -> Option<(Word, Status)> {
    loop {
        let now = status.borrow_and_update().clone();
        if let Some(word) = Word::next(told, State::of(&now)) {
            return Some((word, now));
        }
        if now.is_over() || status.changed().await.is_err() {
            return None;
        }
    }
}

// === impl Word ===

impl Word {
    /// What is to be said of a hold that stands like this, after what was said before.
    fn next(told: Option<Self>, now: State) -> Option<Self> {
        let Some(told) = told else {
            return Some(Self::Waiting);
        };
        match (told, now) {
            (Self::Lost | Self::Refused, _) => None,
            (_, State::Lost) => Some(Self::Lost),
            (_, State::Refused) => Some(Self::Refused),
            (Self::Waiting, State::Held | State::Suspended) => Some(Self::Acquired),
            (Self::Acquired | Self::Resumed, State::Suspended) => Some(Self::Suspended),
            (Self::Suspended, State::Held) => Some(Self::Resumed),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Acquired => "acquired",
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::Lost => "lost",
            Self::Refused => "refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said while a hold stands like this one after the other.
    fn said(states: &[State]) -> Vec<&'static str> {
        let (mut told, mut said) = (None, Vec::new());
        for state in states {
            while let Some(word) = Word::next(told, *state) {
                told = Some(word);
                said.push(word.as_str());
            }
        }
        said
    }

    #[test]
    fn each_change_is_said_once() {
        use State::{Held, Lost, Refused, Suspended, Waiting};
        for (states, expected) in [
            (
                &[Waiting, Waiting, Refused][..],
                &["waiting", "refused"][..],
            ),
            (&[Held, Held, Lost, Lost], &["waiting", "acquired", "lost"]),
            (&[Refused], &["waiting", "refused"]),
            (
                &[Waiting, Held, Suspended, Suspended, Held, Suspended, Lost],
                &[
                    "waiting",
                    "acquired",
                    "suspended",
                    "resumed",
                    "suspended",
                    "lost",
                ],
            ),
            // A reader that was slow: it was not told of the acquisition before the suspension.
            (&[Waiting, Suspended], &["waiting", "acquired", "suspended"]),
            (&[Waiting, Lost], &["waiting", "lost"]),
        ] {
            assert_eq!(said(states), expected, "{states:?}");
        }
    }
}
