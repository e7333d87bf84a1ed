use crate::Error;
use dockeeper_zk_client::ConnectString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tokio::net::{UdpSocket, lookup_host};

/// An address of the documentation's own range: there is a route to it where there is a default
/// route, and nothing is ever sent there.
const ELSEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);

/// The address that other hosts reach this one at: that of the route towards ZooKeeper, because
/// others come from there too. Where ZooKeeper is on this very host, that of the default route.
pub(crate) async fn advertised(
    servers: &ConnectString,
    allow_loopback: bool,
) -> Result<IpAddr, Error> {
    let mut found = Vec::new();
    for host in servers.hosts() {
        // A name that does not resolve now is no reason to fail: another may.
        let Ok(addresses) = lookup_host((host.name.as_str(), host.port)).await else {
            continue;
        };
        for address in addresses {
            if let Some(local) = local_address(address).await {
                if allow_loopback || !local.is_loopback() {
                    return Ok(local);
                }
                found.push(local);
            }
        }
    }
    match local_address(ELSEWHERE).await {
        Some(local) if !local.is_loopback() => Ok(local),
        _ => Err(Error::Address {
            reason: match found.first() {
                Some(loopback) => format!("only {loopback}, and there is no default route"),
                None => "none of ZooKeeper's names has an address, and there is no default route"
                    .to_owned(),
            },
        }),
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

    #[tokio::test]
    async fn loopback_is_found_only_when_asked_for() {
        let servers = "127.0.0.1:2181".parse().unwrap();
        let allowed = advertised(&servers, true).await.unwrap();
        assert!(allowed.is_loopback());
        if let Ok(other) = advertised(&servers, false).await {
            assert!(!other.is_loopback());
        }
    }
}
