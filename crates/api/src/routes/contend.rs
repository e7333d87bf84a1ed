//! Locks, semaphores and elections: to be held for as long as a connection lasts, or a container.

use crate::{
    caller::Caller,
    contest::{Contest, Kind},
    coordination::Coordination,
    events,
    holds::Status,
    json::Json,
    parameters::{Name, Names, Parameters, wait, wants_events},
    problem::Problem,
    view::View,
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use dockeeper_model::LockName;
use serde::Deserialize;
use std::{num::NonZeroU32, time::Duration};

/// How long is waited where the request does not say and its answer is no stream: shorter than
/// what clients and people have patience for.
const WAIT_DEFAULT: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lock {
    wait: Option<String>,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    names: Names,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Semaphore {
    permits: NonZeroU32,
    wait: Option<String>,
    #[serde(default)]
    names: Names,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Election {
    wait: Option<String>,
    #[serde(default)]
    names: Names,
}

/// How a lock is held.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Mutex,
    Shared,
    Exclusive,
}

pub(super) async fn lock(
    State(coordination): State<Coordination>,
    Name(name): Name,
    Parameters(asked): Parameters<Lock>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let kind = match asked.mode {
        Mode::Mutex => Kind::Mutex,
        Mode::Shared => Kind::Shared,
        Mode::Exclusive => Kind::Exclusive,
    };
    let contest = contest(kind, name, asked.names, asked.wait.as_deref())?;
    contend(&coordination, caller, contest, &headers).await
}

pub(super) async fn semaphore(
    State(coordination): State<Coordination>,
    Name(name): Name,
    Parameters(asked): Parameters<Semaphore>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let kind = Kind::Semaphore(asked.permits);
    let contest = contest(kind, name, asked.names, asked.wait.as_deref())?;
    contend(&coordination, caller, contest, &headers).await
}

pub(super) async fn election(
    State(coordination): State<Coordination>,
    Name(name): Name,
    Parameters(asked): Parameters<Election>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let contest = contest(Kind::Election, name, asked.names, asked.wait.as_deref())?;
    contend(&coordination, caller, contest, &headers).await
}

fn contest(
    kind: Kind,
    name: LockName,
    names: Names,
    asked: Option<&str>,
) -> Result<Contest, Problem> {
    let (naming, wait) = (names.into(), wait(asked)?);
    Ok(Contest {
        kind,
        name,
        naming,
        wait,
    })
}

async fn contend(
    coordination: &Coordination,
    caller: Caller,
    mut contest: Contest,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    if wants_events(headers) {
        let tether = coordination.holds.begin(caller, contest)?;
        return Ok(events::stream(tether).into_response());
    }
    if caller.run.is_none() {
        return Err(not_in_a_container());
    }
    contest.wait.get_or_insert(WAIT_DEFAULT);
    // Dropped with this request, when its connection is closed.
    let tether = coordination.holds.begin(caller, contest)?;
    let hold = tether.hold().clone();
    match hold.settled().await {
        Status::Refused(problem) => return Err(problem),
        Status::Lost(lost) => {
            return Err(Problem::new(StatusCode::CONFLICT, "lost", lost.to_string()));
        }
        Status::Waiting | Status::Held(..) => {}
    }
    // Its end may have come before the hold was there to be ended.
    if !coordination.goes_on(&hold.caller).await? {
        let message = "the container that asked has ended";
        return Err(Problem::new(StatusCode::CONFLICT, "lost", message));
    }
    tether.keep();
    Ok(Json(View::now(&hold)).into_response())
}

fn not_in_a_container() -> Problem {
    let message = "what outlives its connection is held for a container, whose end releases it, and \
                   this process is in none that the engine knows: ask with `Accept: \
                   text/event-stream`, or use `dockeeper lock run`";
    Problem::new(StatusCode::FORBIDDEN, "no-container", message)
}
