//! Reports of services about themselves.

use crate::{
    parameters::{Asked, Pairs, Parameters, Segment},
    problem::{Code, Problem},
};
use axum::{Router, extract::State, routing::put};
use dockeeper_health::{Outcome, Reason};
use dockeeper_registry::host::{Reports, reports::Error};

/// Where a report is taken: that an instance passes, warns or fails.
pub(crate) const PATHS: [&str; 3] = [
    "/v1/agent/check/pass/{instance}",
    "/v1/agent/check/warn/{instance}",
    "/v1/agent/check/fail/{instance}",
];

/// Why, for people.
struct Note(Option<String>);

// === impl Note ===

impl Asked for Note {
    fn read(pairs: &mut Pairs) -> Result<Self, Problem> {
        let note = pairs.take("note")?;
        Ok(Self(note.filter(|note| !note.is_empty())))
    }
}

pub(crate) fn routes(reports: Reports) -> Router {
    let [passes, warns, fails] = PATHS;
    Router::new()
        .route(passes, put(pass))
        .route(warns, put(pass))
        .route(fails, put(fail))
        .with_state(reports)
}

/// What is said beside it is ignored, as Consul's agent does.
async fn pass(State(reports): State<Reports>, Segment(instance): Segment) -> Result<(), Problem> {
    report(&reports, &instance, Outcome::Pass).await
}

async fn fail(
    State(reports): State<Reports>,
    Segment(instance): Segment,
    Parameters(Note(note)): Parameters<Note>,
) -> Result<(), Problem> {
    let reason = note.as_deref().unwrap_or("reported by the service");
    report(&reports, &instance, Outcome::Fail(Reason::new(reason))).await
}

async fn report(reports: &Reports, instance: &str, outcome: Outcome) -> Result<(), Problem> {
    let instance = instance.strip_prefix("service:").unwrap_or(instance);
    let reported = reports.report(instance, outcome).await;
    reported.map_err(|error| {
        let code = match error {
            Error::Unknown(_) => Code::NoSuchInstance,
            Error::Ending => Code::Ending,
        };
        Problem::new(code, error.to_string())
    })
}
