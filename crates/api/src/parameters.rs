//! What requests say beside their bodies, and what is wrong with it, as JSON.

mod pairs;

pub(crate) use self::pairs::Pairs;

use crate::{caller::Caller, coordination::Coordination, peer::Peer, problem::Problem};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Path, Query},
    http::{HeaderMap, header::ACCEPT, request::Parts},
};
use dockeeper_model::{LockName, shown};

/// What has been asked for after the `?`. What is unknown is an error.
pub(crate) struct Parameters<T>(pub(crate) T);

/// What can be asked for after the `?`.
pub(crate) trait Asked: Sized {
    /// Takes what it knows.
    fn read(pairs: &mut Pairs) -> Result<Self, Problem>;
}

/// What stands in the path where it is not fixed.
pub(crate) struct Segment(pub(crate) String);

/// The name in the path.
pub(crate) struct Name(pub(crate) LockName);

/// Whether the answer is to be a stream of events.
pub(crate) fn wants_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter();
    let mut types = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|value| value.split(';').next());
    types.any(|kind| kind.trim().eq_ignore_ascii_case("text/event-stream"))
}

// === impl Parameters ===

impl<S: Send + Sync, T: Asked> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Query(pairs) = query.map_err(|_| {
            Problem::bad_request("what stands after the ? cannot be read: write name=value")
        })?;
        let mut pairs = Pairs::new(pairs);
        let asked = T::read(&mut pairs)?;
        pairs.finish()?;
        Ok(Self(asked))
    }
}

// === impl Segment ===

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| {
            Problem::bad_request("what stands last in the path is not UTF-8 behind its escapes")
        })?;
        Ok(Self(text))
    }
}

// === impl Name ===

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Segment(name) = Segment::from_request_parts(parts, state).await?;
        let parsed = name.parse();
        parsed.map(Self).map_err(|why| {
            Problem::bad_request(format!("{} cannot be a name: {why}", shown(&name)))
        })
    }
}

// === impl Caller ===

impl FromRequestParts<Coordination> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        coordination: &Coordination,
    ) -> Result<Self, Problem> {
        let info = ConnectInfo::<Peer>::from_request_parts(parts, coordination).await;
        let ConnectInfo(peer) = info.expect("the gate says who has connected");
        coordination.identify(&peer).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_asked_for_by_their_type() {
        let accepts = |value: &str| {
            let headers = HeaderMap::from_iter([(ACCEPT, value.parse().unwrap())]);
            wants_events(&headers)
        };
        assert!(accepts("text/event-stream"));
        assert!(accepts("application/json, Text/Event-Stream;q=0.9"));
        assert!(!accepts("*/*"));
        assert!(!wants_events(&HeaderMap::new()));
    }
}
