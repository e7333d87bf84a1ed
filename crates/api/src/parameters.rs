//! What requests say beside their bodies, and what is wrong with it, as JSON.

use crate::{caller::Caller, coordination::Coordination, peer::Peer, problem::Problem};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Path, Query},
    http::{HeaderMap, header::ACCEPT, request::Parts},
};
use dockeeper_health::duration;
use dockeeper_model::LockName;
use dockeeper_recipes::Naming;
use serde::{Deserialize, de::DeserializeOwned};
use std::time::Duration;

/// How long may be waited for, at most: longer than most work, and far from for ever.
const WAIT_MAX: Duration = Duration::from_secs(3600);

/// What has been asked for after the `?`. What is unknown is an error.
pub(crate) struct Parameters<T>(pub(crate) T);

/// The name in the path.
pub(crate) struct Name(pub(crate) LockName);

/// Whose names the contenders' znodes have.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Names {
    #[default]
    Curator,
    Kazoo,
}

/// Reads how long to wait; `None` where nothing is said.
pub(crate) fn wait(text: Option<&str>) -> Result<Option<Duration>, Problem> {
    let Some(text) = text else {
        return Ok(None);
    };
    match duration::parse(text) {
        Ok(wait) if wait <= WAIT_MAX => Ok(Some(wait)),
        Ok(_) => Err(Problem::bad_request(format!(
            "wait is {text}, longer than {}",
            duration::format(WAIT_MAX)
        ))),
        Err(error) => Err(Problem::bad_request(format!(
            "wait={text} {error}: write 30s, 5m or 0"
        ))),
    }
}

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

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await;
        let Query(parameters) =
            query.map_err(|refused| Problem::bad_request(refused.body_text()))?;
        Ok(Self(parameters))
    }
}

// === impl Name ===

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(name) = path.map_err(|refused| Problem::bad_request(refused.body_text()))?;
        let parsed = name.parse();
        parsed
            .map(Self)
            .map_err(|why| Problem::bad_request(format!("{name:?} cannot be a name: {why}")))
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

// === impl Naming ===

impl From<Names> for Naming {
    fn from(names: Names) -> Self {
        match names {
            Names::Curator => Self::Curator,
            Names::Kazoo => Self::Kazoo,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_and_bounded() {
        let seconds = |seconds| Ok(Some(Duration::from_secs(seconds)));
        for (text, expected) in [
            ("0", seconds(0)),
            ("30s", seconds(30)),
            ("1h", seconds(3600)),
        ] {
            assert_eq!(wait(Some(text)), expected);
        }
        assert_eq!(wait(None), Ok(None));
        for text in ["", "-1s", "soon", "61m"] {
            let problem = wait(Some(text)).unwrap_err();
            assert!(problem.message.contains("wait"), "{problem:?}");
        }
    }

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
