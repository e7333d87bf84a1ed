//! What a container holds.

use crate::{
    caller::Caller, coordination::Coordination, holds::Hold, json::Json, parameters::Segment,
    problem::Problem, view::View,
};
use axum::{extract::State, http::StatusCode};
use std::sync::Arc;

pub(super) async fn list(
    State(coordination): State<Coordination>,
    caller: Caller,
) -> Json<Vec<View>> {
    let mut own = coordination.holds.all();
    own.retain(|hold| hold.owner() == caller.owner() && !hold.is_over());
    own.sort_by_key(|hold| hold.since_ms);
    Json(own.iter().map(|hold| View::now(hold)).collect())
}

pub(super) async fn show(
    State(coordination): State<Coordination>,
    Segment(id): Segment,
    caller: Caller,
) -> Result<Json<View>, Problem> {
    Ok(Json(View::now(&*find(&coordination, &id, &caller)?)))
}

/// Answers when the next one can have it.
pub(super) async fn release(
    State(coordination): State<Coordination>,
    Segment(id): Segment,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    let hold = find(&coordination, &id, &caller)?;
    hold.end();
    hold.ended().await;
    Ok(StatusCode::NO_CONTENT)
}

fn find(coordination: &Coordination, id: &str, caller: &Caller) -> Result<Arc<Hold>, Problem> {
    coordination.holds.find(id, caller.owner())
}
