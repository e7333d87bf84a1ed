//! Barriers, at which others wait until somebody opens them.
//!
//! Closing one is left to the command line: it makes a znode that stays, and containers, which
//! nobody bounds, would leave many.

use crate::{
    coordination::Coordination,
    json::Json,
    parameters::{Asked, Name, Pairs, Parameters},
    problem::{Code, Problem},
};
use axum::{extract::State, http::StatusCode};
use dockeeper_health::duration;
use dockeeper_model::{LockName, layout};
use dockeeper_recipes::Barrier;
use dockeeper_zk_client::Client;
use serde::Serialize;
use std::time::Duration;
use tokio::time::{self, Instant};

pub(super) struct Wait(Option<Duration>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    is_closed: bool,
}

// === impl Wait ===

impl Asked for Wait {
    fn read(pairs: &mut Pairs) -> Result<Self, Problem> {
        pairs.wait().map(Self)
    }
}

/// Says whether it is closed; with a time to wait, answers when it is open.
pub(super) async fn wait(
    State(coordination): State<Coordination>,
    Name(name): Name,
    Parameters(Wait(limit)): Parameters<Wait>,
) -> Result<Json<Shown>, Problem> {
    let begun = Instant::now();
    let look = async |client| {
        let barrier = barrier(&client, &name);
        let is_closed = barrier.is_closed().await?;
        Ok((barrier, is_closed))
    };
    // A limit of zero is for the waiting alone: an answer takes its time.
    let patience = limit.filter(|limit| !limit.is_zero());
    let looking = coordination.reader.ask_within(patience, look);
    let (barrier, is_closed) = looking.await?;
    if let Some(limit) = limit
        && is_closed
    {
        let opened = time::timeout_at(begun + limit, barrier.opened()).await;
        opened.map_err(|_| still_closed(&name, limit))??;
        return Ok(Json(Shown { is_closed: false }));
    }
    Ok(Json(Shown { is_closed }))
}

pub(super) async fn open(
    State(coordination): State<Coordination>,
    Name(name): Name,
) -> Result<StatusCode, Problem> {
    let opening = async |client| Ok(barrier(&client, &name).open().await?);
    coordination.reader.ask(opening).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn barrier(client: &Client, name: &LockName) -> Barrier {
    Barrier::new(client, &layout::barrier(name))
}

fn still_closed(name: &LockName, limit: Duration) -> Problem {
    let limit = duration::format(limit);
    let message = format!("the barrier {name} is still closed after {limit}");
    Problem::new(Code::TimedOut, message)
}
