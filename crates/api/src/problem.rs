//! Why a request was refused, as JSON.

mod code;

pub(crate) use self::code::Code;

use crate::json::Json;
use axum::response::{IntoResponse, Response};
use dockeeper_recipes::Error;
use dockeeper_zk_client::{self as zk, NotConnected};
use serde::Serialize;

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    /// For programs.
    pub(crate) code: Code,
    /// For people.
    pub(crate) message: String,
}

// === impl Problem ===

impl Problem {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }

    /// The request cannot be understood.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(Code::BadRequest, message)
    }

    pub(crate) fn ending() -> Self {
        let message = "the agent is ending; try again when it is back";
        Self::new(Code::Ending, message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.code.status(), Json(self)).into_response()
    }
}

impl From<NotConnected> for Problem {
    fn from(error: NotConnected) -> Self {
        Self::new(Code::NoZooKeeper, error.to_string())
    }
}

impl From<zk::Error> for Problem {
    fn from(error: zk::Error) -> Self {
        let is_unreachable =
            error.is_session_over() || error.is_disconnected() || error.is_transient();
        let code = if is_unreachable {
            Code::NoZooKeeper
        } else {
            Code::ZooKeeperRefused
        };
        Self::new(code, error.to_string())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::Refused(error) => return error.into(),
            Error::SessionOver { .. } => Code::NoZooKeeper,
            Error::Taken { .. } => Code::Taken,
            Error::Foreign { .. } => Code::Foreign,
            Error::Removed { .. } => Code::Removed,
            Error::Permits { .. } => Code::OtherPermits,
            _ => Code::Unusable,
        };
        Self::new(code, error.to_string())
    }
}
