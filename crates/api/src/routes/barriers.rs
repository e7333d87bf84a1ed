//! Barriers, at which others wait until somebody opens them.
//!
//! Closing one is left to the command line: it makes a znode that stays, and containers, which
//! nobody bounds, would leave many.

use crate::{
    coordination::Coordination,
    json::Json,
    parameters::{Name, Parameters, wait as wait_of},
    problem::Problem,
};
use axum::{extract::State, http::StatusCode};
use dockeeper_health::duration;
use dockeeper_model::{LockName, layout};
use dockeeper_recipes::Barrier;
use serde::{Deserialize, Serialize};
use tokio::time;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    wait: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    is_closed: bool,
}

/// Says whether it is closed; with a time to wait, answers when it is open.
pub(super) async fn wait(
    State(coordination): State<Coordination>,
    Name(name): Name,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Shown>, Problem> {
    let limit = wait_of(asked.wait.as_deref())?;
    let barrier = barrier(&coordination, &name).await?;
    let Some(limit) = limit else {
        let is_closed = barrier.is_closed().await?;
        return Ok(Json(Shown { is_closed }));
    };
    match time::timeout(limit, barrier.opened()).await {
        Ok(opened) => opened?,
        Err(_) => {
            let limit = duration::format(limit);
            let message = format!("the barrier {name} is still closed after {limit}");
            let status = StatusCode::REQUEST_TIMEOUT;
            return Err(Problem::new(status, "timed-out", message));
        }
    }
    let is_closed = false;
    Ok(Json(Shown { is_closed }))
}

pub(super) async fn open(
    State(coordination): State<Coordination>,
    Name(name): Name,
) -> Result<StatusCode, Problem> {
    barrier(&coordination, &name).await?.open().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn barrier(coordination: &Coordination, name: &LockName) -> Result<Barrier, Problem> {
    let client = coordination.reader.client().await?;
    Ok(Barrier::new(&client, &layout::barrier(name)))
}
