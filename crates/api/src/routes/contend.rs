//! Locks, semaphores and elections: to be held for as long as a connection lasts, or a container.

use crate::{
    caller::Caller,
    contest::{Contest, Kind},
    coordination::Coordination,
    events,
    holds::Status,
    json::Json,
    parameters::{Asked, Name, Pairs, Parameters, wants_events},
    problem::{Code, Problem},
    view::View,
};
use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use dockeeper_model::{LockName, shown};
use dockeeper_recipes::Naming;
use std::{num::NonZeroU32, time::Duration};

/// How long is waited where the request does not say and its answer is no stream: shorter than
/// what clients and people have patience for.
const WAIT_DEFAULT: Duration = Duration::from_secs(30);

/// How a lock is held.
const MODES: [(&str, Kind); 3] = [
    ("mutex", Kind::Mutex),
    ("shared", Kind::Shared),
    ("exclusive", Kind::Exclusive),
];

pub(super) struct Lock {
    mode: Kind,
    terms: Terms,
}

pub(super) struct Semaphore {
    permits: NonZeroU32,
    terms: Terms,
}

/// What is said of everything that is contended for.
pub(super) struct Terms {
    wait: Option<Duration>,
    naming: Naming,
}

// === impl Lock ===

impl Asked for Lock {
    fn read(pairs: &mut Pairs) -> Result<Self, Problem> {
        Ok(Self {
            mode: pairs.choice("mode", MODES)?,
            terms: Terms::read(pairs)?,
        })
    }
}

// === impl Semaphore ===

impl Asked for Semaphore {
    fn read(pairs: &mut Pairs) -> Result<Self, Problem> {
        let Some(permits) = pairs.take("permits")? else {
            let message = "permits is missing: write permits=3, the same for all who contend";
            return Err(Problem::bad_request(message));
        };
        let number = permits.parse().map_err(|_| {
            let permits = shown(&permits);
            let message = format!(
                "permits is {permits}: write a number from 1 to {}",
                u32::MAX
            );
            Problem::bad_request(message)
        });
        Ok(Self {
            permits: number?,
            terms: Terms::read(pairs)?,
        })
    }
}

// === impl Terms ===

impl Terms {
    fn contest(self, kind: Kind, name: LockName) -> Contest {
        Contest {
            kind,
            name,
            naming: self.naming,
            wait: self.wait,
        }
    }
}

impl Asked for Terms {
    fn read(pairs: &mut Pairs) -> Result<Self, Problem> {
        Ok(Self {
            wait: pairs.wait()?,
            naming: pairs.naming()?,
        })
    }
}

pub(super) async fn lock(
    State(coordination): State<Coordination>,
    Name(name): Name,
    Parameters(Lock { mode, terms }): Parameters<Lock>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    contend(&coordination, caller, terms.contest(mode, name), &headers).await
}

pub(super) async fn semaphore(
    State(coordination): State<Coordination>,
    Name(name): Name,
    Parameters(Semaphore { permits, terms }): Parameters<Semaphore>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let contest = terms.contest(Kind::Semaphore(permits), name);
    contend(&coordination, caller, contest, &headers).await
}

pub(super) async fn election(
    State(coordination): State<Coordination>,
    Name(name): Name,
    Parameters(terms): Parameters<Terms>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let contest = terms.contest(Kind::Election, name);
    contend(&coordination, caller, contest, &headers).await
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
            return Err(Problem::new(Code::Lost, lost.to_string()));
        }
        Status::Waiting | Status::Held(..) => {}
    }
    // Its end may have come before the hold was there to be ended.
    if !coordination.goes_on(&hold.caller).await? {
        let message = "the container that asked has ended";
        return Err(Problem::new(Code::Lost, message));
    }
    tether.keep();
    Ok(Json(View::now(&hold)).into_response())
}

fn not_in_a_container() -> Problem {
    let message = "what outlives its connection is held for a container, whose end releases it, and \
                   this process is in none that the engine knows: ask with `Accept: \
                   text/event-stream`, or use `dockeeper lock run`";
    Problem::new(Code::NoContainer, message)
}
