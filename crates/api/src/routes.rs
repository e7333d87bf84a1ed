//! What can be asked of the coordination, each as a path and what answers there.

mod barriers;
mod contend;
mod contenders;
mod holds;

use crate::{
    checks,
    coordination::Coordination,
    problem::{Code, Problem},
};
use axum::{
    Router,
    http::{Method, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::{MethodRouter, get, post},
};
use dockeeper_registry::host::Reports;

/// The description of everything that is asked here and in `checks`.
const OPENAPI: &str = include_str!("../openapi.json");

/// Answers everything that is asked on the socket.
pub(crate) fn router(reports: Reports, coordination: Coordination) -> Router {
    let mut router = Router::new();
    for (path, methods) in table() {
        router = router.route(path, methods);
    }
    router
        .with_state(coordination)
        .merge(checks::routes(reports))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
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

async fn no_such_path() -> Problem {
    let message = "there is nothing at this path: GET /v1/openapi.json says what there is";
    Problem::new(Code::NoSuchPath, message)
}

async fn no_such_method(method: Method) -> Problem {
    let message = format!(
        "{method} means nothing at this path: the header Allow says what does, and GET \
         /v1/openapi.json what it does"
    );
    Problem::new(Code::NoSuchMethod, message)
}

#[cfg(test)]
mod tests;
