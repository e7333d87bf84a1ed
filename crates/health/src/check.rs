//! What a health check is, and its bounds.

use std::time::Duration;

use hyper::Method;

use crate::verdict::Verdict;

/// The shortest time between two probes of a check: less would be load rather than a check.
pub const INTERVAL_MIN: Duration = Duration::from_secs(1);
/// The longest time between two probes of a check: after more, a verdict says nothing about now.
pub const INTERVAL_MAX: Duration = Duration::from_secs(60 * 60);
/// The time between two probes unless the check says otherwise, as in registrator.
pub const INTERVAL_DEFAULT: Duration = Duration::from_secs(10);

/// The shortest time limit of a probe: a TLS handshake across a busy host needs about as much.
pub const TIMEOUT_MIN: Duration = Duration::from_millis(100);
/// The longest time limit of a probe, since a probe that waits occupies one of the few in flight.
pub const TIMEOUT_MAX: Duration = Duration::from_secs(60);
/// The time limit of a probe unless the check says otherwise or its interval is shorter, as in
/// Consul.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);

/// The shortest time to live of a check whose service reports by itself.
pub const TTL_MIN: Duration = Duration::from_secs(1);
/// The longest time to live: a service that may be silent for more than a day has no check.
pub const TTL_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// The fewest outcomes in a row that change a verdict.
pub const COUNT_MIN: u32 = 1;
/// The most outcomes in a row that a change of verdict may need.
pub const COUNT_MAX: u32 = 100;
/// The outcomes in a row that change a verdict unless the check says otherwise, as in Consul.
pub const COUNT_DEFAULT: u32 = 1;

/// The longest path and query of an HTTP check in bytes; servers refuse request lines not much
/// longer.
pub const PATH_LENGTH_MAX: usize = 2048;
/// The longest command in bytes: a longer one belongs into a script inside the image.
pub const COMMAND_LENGTH_MAX: usize = 4096;
/// The longest gRPC service name in bytes.
pub const SERVICE_LENGTH_MAX: usize = 256;

/// How an instance is probed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Passes when an HTTP/1.1 request is answered with a status from 200 to 399. Redirections are
    /// not followed.
    Http {
        /// Whether the request goes over TLS.
        tls: bool,
        /// The method of the request.
        method: Method,
        /// The path with its query; begins with `/`, at most [`PATH_LENGTH_MAX`] bytes.
        path: String,
        /// Whether any certificate will do; without effect unless `tls`.
        skip_verify: bool,
    },
    /// Passes when a TCP connection is accepted.
    Tcp,
    /// Passes when the standard gRPC health service says `SERVING`.
    Grpc {
        /// The service asked for, at most [`SERVICE_LENGTH_MAX`] bytes; empty for the whole server.
        service: String,
        /// Whether the request goes over TLS.
        tls: bool,
        /// Whether any certificate will do; without effect unless `tls`.
        skip_verify: bool,
    },
    /// Is not probed: the service itself reports, at least once in this time.
    Ttl(Duration),
    /// Passes when this command, run in the container, exits with 0.
    ///
    /// `$SERVICE_IP` and `$SERVICE_PORT` in an argument become the address of the target.
    Command(Vec<String>),
}

/// A health check: the probe, its times, and the outcomes in a row that change the verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// How the instance is probed.
    pub probe: Probe,
    /// From the start of one probe to the start of the next, [`INTERVAL_MIN`] to [`INTERVAL_MAX`].
    pub interval: Duration,
    /// The time limit of one probe, [`TIMEOUT_MIN`] to [`TIMEOUT_MAX`]. When it is longer than the
    /// interval a slow probe delays the next one; two never overlap.
    pub timeout: Duration,
    /// Passes in a row that make a failing instance pass, [`COUNT_MIN`] to [`COUNT_MAX`].
    pub rise: u32,
    /// Failures in a row that make a passing instance fail, [`COUNT_MIN`] to [`COUNT_MAX`].
    pub fall: u32,
    /// The verdict before the first probe has finished.
    pub initial: Verdict,
}

impl Check {
    /// A check with the default times and counts, which fails until the first probe passes.
    #[must_use]
    pub fn new(probe: Probe) -> Self {
        Self {
            probe,
            interval: INTERVAL_DEFAULT,
            timeout: timeout_default(INTERVAL_DEFAULT),
            rise: COUNT_DEFAULT,
            fall: COUNT_DEFAULT,
            initial: Verdict::unproven(),
        }
    }

    /// Whether the two probe alike and count alike. The initial verdict does not matter: it is for
    /// the time before the first outcome.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let Self {
            probe,
            interval,
            timeout,
            rise,
            fall,
            initial: _,
        } = self;
        *probe == other.probe
            && (*interval, *timeout) == (other.interval, other.timeout)
            && (*rise, *fall) == (other.rise, other.fall)
    }

    /// The same check with each number brought within its bounds.
    #[must_use]
    pub fn clamped(self) -> Self {
        let probe = match self.probe {
            Probe::Ttl(ttl) => Probe::Ttl(ttl.clamp(TTL_MIN, TTL_MAX)),
            probe => probe,
        };
        Self {
            probe,
            interval: self.interval.clamp(INTERVAL_MIN, INTERVAL_MAX),
            timeout: self.timeout.clamp(TIMEOUT_MIN, TIMEOUT_MAX),
            rise: self.rise.clamp(COUNT_MIN, COUNT_MAX),
            fall: self.fall.clamp(COUNT_MIN, COUNT_MAX),
            initial: self.initial,
        }
    }
}

/// The time limit of the probes of a check with this interval that sets no limit of its own.
#[must_use]
pub fn timeout_default(interval: Duration) -> Duration {
    interval.min(TIMEOUT_DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clamping_mends_numbers_and_keeps_good_ones() {
        let good = Check::new(Probe::Tcp);
        assert_eq!(good.clone().clamped(), good);

        let bad = Check {
            probe: Probe::Ttl(Duration::MAX),
            interval: Duration::ZERO,
            timeout: Duration::MAX,
            rise: 0,
            fall: u32::MAX,
            ..good
        };
        let mended = bad.clamped();
        assert_eq!(mended.probe, Probe::Ttl(TTL_MAX));
        assert_eq!(
            (mended.interval, mended.timeout),
            (INTERVAL_MIN, TIMEOUT_MAX)
        );
        assert_eq!((mended.rise, mended.fall), (COUNT_MIN, COUNT_MAX));
    }
}
