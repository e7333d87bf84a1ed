//! Where other hosts reach this one: at the address of the route towards ZooKeeper, because others
//! come from there too. Where ZooKeeper is on this very host, at that of the default route.

use crate::Error;
use dockeeper_registry::host::advertised;
use dockeeper_zk_client::{Client, ConnectString, State};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    net::{UdpSocket, lookup_host},
    sync::watch,
    time::{self, MissedTickBehavior},
};

/// An address of the documentation's own range: there is a route to it where there is a default
/// route, and nothing is ever sent there.
const ELSEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);

/// What the routes towards ZooKeeper say of this host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Routes {
    /// The addresses that packets to the servers come from, in the order of the servers.
    addresses: Vec<IpAddr>,
    /// Where packets to everywhere else come from.
    elsewhere: Option<IpAddr>,
    /// Whether a server has no address, or no route, at present.
    has_gaps: bool,
}

/// Looks at the routes again while the agent runs: a host may get another address, as from DHCP.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    pub(crate) servers: &'a ConnectString,
    pub(crate) allow_loopback: bool,
    /// How often to look, besides after each reconnect.
    pub(crate) interval: Duration,
    /// The address that is advertised.
    pub(crate) address: watch::Sender<IpAddr>,
}

/// The address to advertise at first.
pub(crate) async fn advertised(
    servers: &ConnectString,
    allow_loopback: bool,
) -> Result<IpAddr, Error> {
    let routes = Routes::find(servers).await;
    routes.first(allow_loopback).ok_or_else(|| Error::Address {
        reason: match routes.addresses.first() {
            Some(loopback) => format!("only {loopback}, and there is no default route"),
            None => {
                "none of ZooKeeper's names has an address, and there is no default route".to_owned()
            }
        },
    })
}

/// The address that was given, if other hosts can reach this one there.
pub(crate) fn given(address: IpAddr, advertise_loopback: bool) -> Result<IpAddr, Error> {
    let judged = advertised::judge(address, advertise_loopback);
    judged.map_err(|why| Error::UnfitAddress { address, why })?;
    Ok(address)
}

// === impl Routes ===

impl Routes {
    async fn find(servers: &ConnectString) -> Self {
        let mut routes = Self::default();
        for host in servers.hosts() {
            // A name that does not resolve now is no reason to fail: another may.
            let Ok(addresses) = lookup_host((host.name.as_str(), host.port)).await else {
                routes.has_gaps = true;
                continue;
            };
            for address in addresses {
                match local_address(address).await {
                    Some(local) => routes.addresses.push(local),
                    None => routes.has_gaps = true,
                }
            }
        }
        routes.elsewhere = local_address(ELSEWHERE).await;
        routes
    }

    /// The address to advertise, if there is any.
    fn first(&self, allow_loopback: bool) -> Option<IpAddr> {
        let mut addresses = self.addresses.iter();
        let found = addresses.find(|address| allow_loopback || !address.is_loopback());
        let elsewhere = self.elsewhere.filter(|address| !address.is_loopback());
        found.copied().or(elsewhere)
    }

    /// The address to advertise from now on. One that serves as well as another stays, or a host
    /// with two networks would go to and fro between them; and so does one that only seems to be
    /// gone because a name does not resolve, unless it `is_own` of this host no longer.
    fn next(&self, current: IpAddr, is_own: bool, allow_loopback: bool) -> IpAddr {
        let is_in_use = self.addresses.contains(&current);
        if is_in_use || (self.has_gaps && is_own) {
            return current;
        }
        self.first(allow_loopback).unwrap_or(current)
    }
}

// === impl Watch ===

impl Watch<'_> {
    /// Keeps the advertised address up to date as long as a session lasts.
    pub(crate) async fn keep(&self, client: &Client) {
        let mut state = client.state();
        let mut seen = None;
        let mut tick = time::interval(self.interval);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let is_new = |state: &State| connection(state).is_some_and(|now| Some(now) != seen);
            tokio::select! {
                Ok(state) = state.wait_for(is_new) => seen = connection(&state),
                _ = tick.tick() => {}
            }
            self.look().await;
        }
    }

    async fn look(&self) {
        let routes = Routes::find(self.servers).await;
        let current = *self.address.borrow();
        let is_own = UdpSocket::bind((current, 0)).await.is_ok();
        let next = routes.next(current, is_own, self.allow_loopback);
        if next != current {
            tracing::info!(from = %current, to = %next, "the advertised address has changed");
            self.address.send_replace(next);
        }
    }
}

/// Which of the session's connections there is.
fn connection(state: &State) -> Option<u64> {
    match state {
        State::Connected(connected) => Some(connected.connection),
        State::Connecting { .. } | State::Ended(_) => None,
    }
}

/// The address that packets to `remote` would come from. Connecting a UDP socket sends nothing.
async fn local_address(remote: SocketAddr) -> Option<IpAddr> {
    let any: SocketAddr = if remote.is_ipv4() {
        "0.0.0.0:0".parse().ok()?
    } else {
        "[::]:0".parse().ok()?
    };
    let socket = UdpSocket::bind(any).await.ok()?;
    socket.connect(remote).await.ok()?;
    let local = socket.local_addr().ok()?.ip();
    (!local.is_unspecified()).then_some(local)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const NEW: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 1, 0, 1));
    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn routes(addresses: &[IpAddr], elsewhere: Option<IpAddr>, has_gaps: bool) -> Routes {
        Routes {
            addresses: addresses.to_vec(),
            elsewhere,
            has_gaps,
        }
    }

    #[tokio::test]
    async fn loopback_is_found_only_when_asked_for() {
        let servers = "127.0.0.1:2181".parse().unwrap();
        let allowed = advertised(&servers, true).await.unwrap();
        assert!(allowed.is_loopback());
        if let Ok(other) = advertised(&servers, false).await {
            assert!(!other.is_loopback());
        }
    }

    #[test]
    fn the_first_route_counts_and_then_the_default_one() {
        let first = |routes: &Routes| routes.first(false);
        assert_eq!(first(&routes(&[OLD, NEW], Some(OTHER), false)), Some(OLD));
        let on_this_host = routes(&[LOOPBACK], Some(OTHER), false);
        assert_eq!(first(&on_this_host), Some(OTHER));
        assert_eq!(on_this_host.first(true), Some(LOOPBACK));
        assert_eq!(first(&routes(&[LOOPBACK], Some(LOOPBACK), false)), None);
        assert_eq!(first(&routes(&[], None, true)), None);
    }

    #[test]
    fn an_address_changes_only_when_no_route_has_it_any_more() {
        for (routes, is_own, expected, why) in [
            (routes(&[NEW], None, false), false, NEW, "another address"),
            (routes(&[NEW], None, false), true, NEW, "another route"),
            (routes(&[NEW, OLD], None, false), true, OLD, "one of two"),
            (routes(&[NEW], None, true), true, OLD, "a name is missing"),
            (routes(&[NEW], None, true), false, NEW, "gone for sure"),
            (routes(&[], Some(OTHER), true), true, OLD, "no name at all"),
            (routes(&[], None, true), false, OLD, "no network at all"),
            (routes(&[LOOPBACK], Some(NEW), false), false, NEW, "here"),
            (routes(&[LOOPBACK], Some(OLD), false), true, OLD, "here"),
        ] {
            assert_eq!(routes.next(OLD, is_own, false), expected, "{why}");
        }
    }

    #[tokio::test]
    async fn a_look_tells_only_what_is_new() {
        let servers = "127.0.0.1:2181".parse().unwrap();
        let (address, mut told) = watch::channel(OLD);
        let watch = Watch {
            servers: &servers,
            allow_loopback: true,
            interval: Duration::from_secs(1),
            address,
        };
        watch.look().await;
        assert!(told.has_changed().unwrap());
        assert_eq!(*told.borrow_and_update(), LOOPBACK);
        watch.look().await;
        assert!(!told.has_changed().unwrap());
    }
}
