//! The agent's doors: what containers and people on the host can ask it, over HTTP on a Unix
//! socket.
//!
//! | request | what it does |
//! |---|---|
//! | `PUT /v1/agent/check/pass/<instance>` | reports that an instance with `SERVICE_CHECK_TTL` is well |
//! | `PUT /v1/agent/check/warn/<instance>` | the same: a warning is no failure |
//! | `PUT /v1/agent/check/fail/<instance>?note=<why>` | reports that it is not |
//!
//! They are Consul's, so that what reported to its agent can report to this one; `service:` before
//! the instance's id, as Consul writes it, is understood.

mod checks;
mod socket;

pub use self::socket::{Error, Listener};

use axum::Router;
use dockeeper_registry::host::Reports;

/// Serves requests until it is dropped, and removes the socket then.
pub async fn serve(listener: Listener, reports: Reports) {
    let router = Router::new().merge(checks::routes(reports));
    if let Err(error) = listener.serve(router).await {
        tracing::error!(%error, "the agent's socket is closed");
    }
}
