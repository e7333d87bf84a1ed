//! The agent's doors: what containers and people on the host can ask it, over HTTP on a Unix
//! socket.
//!
//! | request | what it does |
//! |---|---|
//! | `PUT /v1/agent/check/pass/<instance>` | reports that an instance with `SERVICE_CHECK_TTL` is well |
//! | `PUT /v1/agent/check/warn/<instance>` | the same: a warning is no failure |
//! | `PUT /v1/agent/check/fail/<instance>?note=<why>` | reports that it is not |
//! | `POST /v1/locks/<name>` | holds a lock; `/v1/semaphores` and `/v1/elections` likewise |
//! | `GET /v1/locks/<name>` | who holds it and who waits; `/v1/elections` likewise |
//! | `GET`, `DELETE /v1/holds/<id>` | how one's own hold stands; releases it |
//! | `GET`, `DELETE /v1/barriers/<name>` | waits until a barrier is open; opens it |
//! | `GET /v1/openapi.json` | describes all of this |
//!
//! The reports are Consul's, so that what reported to its agent can report to this one; `service:`
//! before the instance's id, as Consul writes it, is understood.
//!
//! Who asks is read from the kernel when a connection is accepted (`peer`), and from the engine
//! (`caller`); nothing in a request says it. What is held for somebody (`holds`) has a session of its
//! own, which ends with the connection or, for a container that asks so, with its death ([`Deaths`]).

mod caller;
mod checks;
mod config;
mod contest;
mod coordination;
mod deaths;
mod events;
mod gate;
mod holds;
mod json;
mod parameters;
mod peer;
mod problem;
mod quota;
mod reader;
mod routes;
mod socket;
mod view;

pub use self::{
    config::Config,
    coordination::Coordination,
    deaths::Deaths,
    socket::{Error, Listener},
};

use dockeeper_registry::host::Reports;

/// Serves requests until it is dropped, and removes the socket then.
pub async fn serve(listener: Listener, reports: Reports, coordination: Coordination) {
    let router = routes::router(reports, coordination);
    if let Err(error) = listener.serve(router).await {
        tracing::error!(%error, "the agent's socket is closed");
    }
}
