//! Whether the options of every command go with `dockeeper dev`.

use crate::{args::Global, exit::Failure};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use tokio::{net::lookup_host, time::timeout};

/// Refuses what would have to be ignored.
pub(super) fn tls(global: &Global) -> Result<(), Failure> {
    if !global.tls.is_wanted() {
        return Ok(());
    }
    Err(Failure::usage(
        "the keeper that dev brings listens without TLS: leave --zk-tls and the options that begin \
         with it out, and DOCKEEPER_ZK_TLS… too; or run `dockeeper keeper --listen-tls` and \
         `dockeeper agent`",
    ))
}

/// Refuses another ZooKeeper that was asked for, also one among others, rather than ignore it.
pub(super) async fn zookeeper(global: &Global, listen: &[SocketAddr]) -> Result<(), Failure> {
    let hosts = global.zk.iter().flat_map(|zk| zk.home.hosts());
    for host in hosts {
        let found = lookup_host((host.name.as_str(), host.port));
        let found = timeout(global.timeout(), found).await;
        if !found.is_ok_and(|found| found.is_ok_and(|mut found| found.any(|a| is_own(a, listen)))) {
            let listen = listen.iter().map(ToString::to_string);
            let listen = listen.collect::<Vec<_>>().join(",");
            return Err(Failure::usage(format!(
                "--zk or DOCKEEPER_ZK names another ZooKeeper, {host}, than the one that dev \
                 brings, {listen}: leave it out, or run `dockeeper agent --zk` to use that one"
            )));
        }
    }
    Ok(())
}

/// Whether whoever connects to an address reaches this machine's keeper.
fn is_own(address: SocketAddr, listen: &[SocketAddr]) -> bool {
    listen.iter().any(|listen| {
        let is_anywhere = listen.ip().is_unspecified() && address.port() == listen.port();
        address == *listen || (is_anywhere && is_of_this_machine(address.ip()))
    })
}

/// The system lets nobody take an address that belongs to another machine.
fn is_of_this_machine(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everywhere_is_on_this_machine_only() {
        let anywhere = ["0.0.0.0:7".parse().unwrap()];
        for (address, expected) in [
            ("127.0.0.1:7", true),
            ("127.0.0.1:8", false),
            ("192.0.2.1:7", false),
        ] {
            assert_eq!(is_own(address.parse().unwrap(), &anywhere), expected);
        }
    }
}
