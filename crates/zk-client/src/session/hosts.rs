use crate::connect_string::Host;
use fastrand::Rng;
use std::time::Duration;

/// The least time that a host has for the handshake, in the first round.
const HANDSHAKE_MIN: Duration = Duration::from_millis(500);

/// The hosts of an ensemble, in an order of this client's own.
///
/// The order is drawn once, so that clients spread over the servers; after a lost connection the
/// next host comes first and the lost one last.
#[derive(Debug)]
pub(crate) struct Hosts {
    order: Vec<Host>,
    next: usize,
}

// === impl Hosts ===

impl Hosts {
    pub(crate) fn new(hosts: &[Host], rng: &mut Rng) -> Self {
        let mut order = hosts.to_vec();
        rng.shuffle(&mut order);
        Self { order, next: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn next(&mut self) -> Host {
        let host = self.order[self.next].clone();
        self.next = (self.next + 1) % self.order.len();
        host
    }

    /// Makes a host the next one.
    pub(crate) fn prefer(&mut self, host: &Host) {
        if let Some(at) = self.order.iter().position(|known| known == host) {
            self.next = at;
        }
    }

    /// How long one handshake may take: at first so short that two rounds fit into the session's
    /// time-out, then twice as long after each round of `unanswered` ones, up to the whole time-out.
    pub(crate) fn handshake_limit(&self, session_timeout: Duration, unanswered: u32) -> Duration {
        let hosts = u32::try_from(self.order.len()).unwrap_or(u32::MAX);
        let round = unanswered / hosts.max(1);
        let first = (session_timeout / (hosts.saturating_mul(2))).max(HANDSHAKE_MIN);
        let limit = first
            .saturating_mul(1 << round.min(16))
            .min(session_timeout.max(HANDSHAKE_MIN));
        // It is shown to people.
        Duration::from_millis(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect_string::ConnectString;

    #[test]
    fn goes_round_all_hosts() {
        let servers: ConnectString = "a,b,c".parse().unwrap();
        let mut hosts = Hosts::new(servers.hosts(), &mut Rng::with_seed(1));
        let mut round: Vec<_> = (0..3).map(|_| hosts.next().name).collect();
        let again: Vec<_> = (0..3).map(|_| hosts.next().name).collect();
        assert_eq!(round, again);
        let last = again[2].clone();
        let preferred = servers.hosts().iter().find(|host| host.name == last);
        hosts.prefer(preferred.unwrap());
        assert_eq!(hosts.next().name, last);
        assert_eq!(hosts.next().name, again[0]);
        round.sort();
        assert_eq!(round, ["a", "b", "c"]);
    }

    #[test]
    fn a_handshake_gets_more_time_after_each_unanswered_round() {
        let servers: ConnectString = "a,b,c".parse().unwrap();
        let hosts = Hosts::new(servers.hosts(), &mut Rng::with_seed(1));
        let timeout = Duration::from_secs(12);
        let limits: Vec<_> = (0..12)
            .map(|unanswered| hosts.handshake_limit(timeout, unanswered).as_secs())
            .collect();
        assert_eq!(limits, [2, 2, 2, 4, 4, 4, 8, 8, 8, 12, 12, 12]);
        let ten = Duration::from_secs(10);
        assert_eq!(hosts.handshake_limit(ten, 0), Duration::from_millis(1666));
        let short = Duration::from_millis(100);
        assert_eq!(hosts.handshake_limit(short, 9), HANDSHAKE_MIN);
    }
}
