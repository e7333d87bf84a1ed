//! Reports of services about themselves.

use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::put,
};
use dockeeper_health::{Outcome, Reason};
use dockeeper_registry::host::{Reports, reports::Error};
use serde::Deserialize;

#[derive(Deserialize)]
struct Note {
    /// Why, for people.
    #[serde(default)]
    note: String,
}

/// Where a report is taken: that an instance passes, warns or fails.
pub(crate) const PATHS: [&str; 3] = [
    "/v1/agent/check/pass/{instance}",
    "/v1/agent/check/warn/{instance}",
    "/v1/agent/check/fail/{instance}",
];

type Answer = (StatusCode, String);

pub(crate) fn routes(reports: Reports) -> Router {
    let [passes, warns, fails] = PATHS;
    Router::new()
        .route(passes, put(pass))
        .route(warns, put(pass))
        .route(fails, put(fail))
        .with_state(reports)
}

async fn pass(State(reports): State<Reports>, Path(instance): Path<String>) -> Answer {
    report(&reports, &instance, Outcome::Pass).await
}

async fn fail(
    State(reports): State<Reports>,
    Path(instance): Path<String>,
    Query(Note { note }): Query<Note>,
) -> Answer {
    let reason = match note.as_str() {
        "" => "reported by the service",
        note => note,
    };
    report(&reports, &instance, Outcome::Fail(Reason::new(reason))).await
}

async fn report(reports: &Reports, instance: &str, outcome: Outcome) -> Answer {
    let instance = instance.strip_prefix("service:").unwrap_or(instance);
    match reports.report(instance, outcome).await {
        Ok(()) => (StatusCode::OK, String::new()),
        Err(error @ Error::Unknown(_)) => (StatusCode::NOT_FOUND, format!("{error}\n")),
        Err(error @ Error::Ending) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
    }
}
