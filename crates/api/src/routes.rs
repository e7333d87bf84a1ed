//! What can be asked of the coordination, each as a path and what answers there.

mod barriers;
mod contend;
mod contenders;
mod holds;

use crate::{coordination::Coordination, problem::Problem};
use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::{MethodRouter, get, post},
};

/// The description of everything that is asked here and in `checks`.
const OPENAPI: &str = include_str!("../openapi.json");

pub(crate) fn routes(coordination: Coordination) -> Router {
    let mut router = Router::new();
    for (path, methods) in table() {
        router = router.route(path, methods);
    }
    router.fallback(nothing_there).with_state(coordination)
}

fn table() -> [(&'static str, MethodRouter<Coordination>); 7] {
    [
        (
            "/v1/locks/{name}",
            post(contend::lock).get(contenders::lock),
        ),
        ("/v1/semaphores/{name}", post(contend::semaphore)),
        (
            "/v1/elections/{name}",
            post(contend::election).get(contenders::election),
        ),
        ("/v1/holds", get(holds::list)),
        ("/v1/holds/{id}", get(holds::show).delete(holds::release)),
        (
            "/v1/barriers/{name}",
            get(barriers::wait).delete(barriers::open),
        ),
        ("/v1/openapi.json", get(describe)),
    ]
}

async fn describe() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}

async fn nothing_there() -> Problem {
    let message = "there is nothing at this path: GET /v1/openapi.json says what there is";
    Problem::new(StatusCode::NOT_FOUND, "no-such-path", message)
}

#[cfg(test)]
mod tests;
