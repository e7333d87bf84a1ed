//! Why a request was refused, as JSON.

use crate::json::Json;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dockeeper_recipes::Error;
use dockeeper_zk_client::{self as zk, NotConnected};
use serde::Serialize;

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    /// For programs: it does not change.
    pub(crate) code: &'static str,
    /// For people.
    pub(crate) message: String,
}

// === impl Problem ===

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// The request cannot be understood.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", message)
    }

    pub(crate) fn ending() -> Self {
        let message = "the agent is ending; try again when it is back";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "ending", message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

impl From<NotConnected> for Problem {
    fn from(error: NotConnected) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no-zookeeper",
            error.to_string(),
        )
    }
}

impl From<zk::Error> for Problem {
    fn from(error: zk::Error) -> Self {
        if error.is_session_over() || error.is_disconnected() || error.is_transient() {
            Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "no-zookeeper",
                error.to_string(),
            )
        } else {
            Self::new(
                StatusCode::BAD_GATEWAY,
                "zookeeper-refused",
                error.to_string(),
            )
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::Refused(error) => return error.into(),
            Error::SessionOver { .. } => {
                return Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "no-zookeeper",
                    error.to_string(),
                );
            }
            Error::Taken { .. } => "taken",
            Error::Foreign { .. } => "foreign",
            Error::Removed { .. } => "removed",
            Error::Permits { .. } => "other-permits",
            _ => "unusable",
        };
        Self::new(StatusCode::CONFLICT, code, error.to_string())
    }
}
