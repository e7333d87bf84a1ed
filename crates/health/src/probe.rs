//! One probe: over the network, or by a command in the container.
//!
//! Each probe has its own connection, which is closed afterwards: a kept one would test a worker of
//! the service that is already running, not whether it accepts clients.

mod command;
mod drive;
mod grpc;
mod http;
mod limit;
mod tcp;
pub mod tls;

use self::grpc::GrpcProbe;
use self::http::HttpProbe;
pub use self::http::request;
use self::limit::Limit;
pub use self::tls::Tls;
use crate::check::{Check, Probe};
use crate::exec::Exec;
use crate::reason::Reason;
use crate::target::Target;
use crate::verdict::Outcome;

/// Runs probes, one at a time for each call; it can be shared.
#[derive(Debug)]
pub struct Prober<E> {
    tls: Tls,
    exec: E,
}

impl<E: Exec> Prober<E> {
    /// A prober that trusts as `tls` says and runs commands through `exec`.
    #[must_use]
    pub fn new(tls: Tls, exec: E) -> Self {
        Self { tls, exec }
    }

    /// Runs the check's probe once, for at most its time limit. Dropping the future ends the probe
    /// and closes its connection.
    ///
    /// A check with a time to live has no probe, since its service reports by itself: it fails.
    pub async fn run(&self, check: &Check, target: &Target) -> Outcome {
        let limit = Limit::start(check.timeout);
        let result = match &check.probe {
            Probe::Http {
                tls,
                method,
                path,
                skip_verify,
            } => {
                let tls = tls.then(|| self.tls.client(*skip_verify));
                HttpProbe { method, path, tls }.run(target, limit).await
            }
            Probe::Tcp => tcp::connect(target.address, limit).await.map(drop),
            Probe::Grpc {
                service,
                tls,
                skip_verify,
            } => {
                let tls = tls.then(|| self.tls.client(*skip_verify));
                GrpcProbe { service, tls }.run(target, limit).await
            }
            Probe::Command(command) => {
                command::run(&self.exec, command, target, check.timeout).await
            }
            Probe::Ttl(_) => Err(Reason::new("a check with a time to live cannot be probed")),
        };
        result.into()
    }
}
