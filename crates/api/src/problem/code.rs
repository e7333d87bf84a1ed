use axum::http::StatusCode;
use serde::{Serialize, Serializer};

/// What kind of refusal it is. `docs/socket.md` and `openapi.json` list the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    BadRequest,
    UnknownCaller,
    NotRunning,
    NoContainer,
    NoSuchPath,
    NoSuchHold,
    NoSuchInstance,
    NoSuchMethod,
    TimedOut,
    Taken,
    Lost,
    Removed,
    Foreign,
    OtherPermits,
    Unusable,
    TooManyHolds,
    NoId,
    ZooKeeperRefused,
    NoZooKeeper,
    NoDocker,
    AgentFull,
    Ending,
}

// === impl Code ===

impl Code {
    /// The word for it, which does not change.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::UnknownCaller => "unknown-caller",
            Self::NotRunning => "not-running",
            Self::NoContainer => "no-container",
            Self::NoSuchPath => "no-such-path",
            Self::NoSuchHold => "no-such-hold",
            Self::NoSuchInstance => "no-such-instance",
            Self::NoSuchMethod => "no-such-method",
            Self::TimedOut => "timed-out",
            Self::Taken => "taken",
            Self::Lost => "lost",
            Self::Removed => "removed",
            Self::Foreign => "foreign",
            Self::OtherPermits => "other-permits",
            Self::Unusable => "unusable",
            Self::TooManyHolds => "too-many-holds",
            Self::NoId => "no-id",
            Self::ZooKeeperRefused => "zookeeper-refused",
            Self::NoZooKeeper => "no-zookeeper",
            Self::NoDocker => "no-docker",
            Self::AgentFull => "agent-full",
            Self::Ending => "ending",
        }
    }

    /// The answer's status.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::UnknownCaller | Self::NotRunning | Self::NoContainer => StatusCode::FORBIDDEN,
            Self::NoSuchPath | Self::NoSuchHold | Self::NoSuchInstance => StatusCode::NOT_FOUND,
            Self::NoSuchMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Taken
            | Self::Lost
            | Self::Removed
            | Self::Foreign
            | Self::OtherPermits
            | Self::Unusable => StatusCode::CONFLICT,
            Self::TooManyHolds => StatusCode::TOO_MANY_REQUESTS,
            Self::NoId => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ZooKeeperRefused => StatusCode::BAD_GATEWAY,
            Self::NoZooKeeper | Self::NoDocker | Self::AgentFull | Self::Ending => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::{BTreeMap, BTreeSet};

    const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/socket.md"));
    const DESCRIPTION: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json"));

    const COUNT: usize = Code::Ending as usize + 1;
    /// In the order of their declaration, so that none is missing.
    const ALL: [Code; COUNT] = [
        Code::BadRequest,
        Code::UnknownCaller,
        Code::NotRunning,
        Code::NoContainer,
        Code::NoSuchPath,
        Code::NoSuchHold,
        Code::NoSuchInstance,
        Code::NoSuchMethod,
        Code::TimedOut,
        Code::Taken,
        Code::Lost,
        Code::Removed,
        Code::Foreign,
        Code::OtherPermits,
        Code::Unusable,
        Code::TooManyHolds,
        Code::NoId,
        Code::ZooKeeperRefused,
        Code::NoZooKeeper,
        Code::NoDocker,
        Code::AgentFull,
        Code::Ending,
    ];

    #[test]
    fn the_page_and_the_description_list_all_codes_and_no_others() {
        let mut by_status: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (index, code) in ALL.into_iter().enumerate() {
            assert_eq!(code as usize, index);
            let status = code.status().as_str().to_owned();
            by_status.entry(status).or_default().insert(code.as_str());
        }

        let (_, table) = PAGE.split_once("| status | codes |\n|---|---|\n").unwrap();
        let rows = table.lines().map_while(|line| {
            let (status, codes) = line.strip_prefix("| ")?.split_once(" | ")?;
            Some((status.to_owned(), codes))
        });
        // Parameters are quoted as well.
        let listed = rows.map(|(status, codes)| {
            let quoted = codes.split('`').skip(1).step_by(2);
            let is_code = |word: &&str| !word.starts_with("wait");
            (status, quoted.filter(is_code).collect())
        });
        assert_eq!(listed.collect::<BTreeMap<_, BTreeSet<_>>>(), by_status);

        let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
        let described = description
            .pointer("/components/schemas/Problem/properties/code/enum")
            .unwrap();
        let described = described.as_array().unwrap().iter();
        let described: BTreeSet<_> = described.map(|code| code.as_str().unwrap()).collect();
        assert_eq!(described, by_status.into_values().flatten().collect());
    }
}
