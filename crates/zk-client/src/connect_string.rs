//! Where an ensemble is: `host:port,host:port/chroot`.

use dockeeper_zk_proto::path;
use std::{fmt, net::Ipv6Addr, str::FromStr};

/// The port of a host that names none.
pub const PORT_DEFAULT: u16 = 2181;

/// More hosts than any ensemble with its observers has; bounds what one string can make us try.
pub const HOSTS_MAX: usize = 64;

/// One server of an ensemble.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host {
    /// A name or an address; an IPv6 address without its brackets.
    pub name: String,
    /// The port for clients.
    pub port: u16,
}

/// The servers of an ensemble, and the znode below which a client lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectString {
    hosts: Vec<Host>,
    chroot: String,
}

/// Why a string does not say where an ensemble is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{input}' does not name a ZooKeeper ensemble: {reason}; write host:port,host:port/chroot")]
pub struct Invalid {
    input: String,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("it has no host")]
    NoHost,
    #[error("it has more than {HOSTS_MAX} hosts")]
    TooManyHosts,
    #[error("a host is empty")]
    EmptyHost,
    #[error("'{0}' has a character that no host name has")]
    HostName(String),
    #[error("'{0}' has no port from 1 to 65535 behind its colon")]
    Port(String),
    #[error("'{0}' is not an IPv6 address in brackets")]
    Ipv6(String),
    #[error("the chroot is no path: {0}")]
    Chroot(path::Invalid),
}

// === impl ConnectString ===

impl ConnectString {
    /// The servers, in the order in which they were written.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// The znode below which the client lives; `/` for the whole tree.
    pub fn chroot(&self) -> &str {
        &self.chroot
    }

    /// The same servers with another chroot.
    pub fn with_chroot(&self, chroot: &str) -> Result<Self, Invalid> {
        path::validate(chroot).map_err(|why| Invalid {
            input: chroot.to_owned(),
            reason: Reason::Chroot(why),
        })?;
        Ok(Self {
            hosts: self.hosts.clone(),
            chroot: chroot.to_owned(),
        })
    }

    fn parse(input: &str) -> Result<Self, Reason> {
        let (hosts, chroot) = match input.find('/') {
            Some(slash) => input.split_at(slash),
            None => (input, "/"),
        };
        if hosts.is_empty() {
            return Err(Reason::NoHost);
        }
        if hosts.split(',').count() > HOSTS_MAX {
            return Err(Reason::TooManyHosts);
        }
        let hosts = hosts
            .split(',')
            .map(|host| Host::parse(host.trim()))
            .collect::<Result<_, _>>()?;
        path::validate(chroot).map_err(Reason::Chroot)?;
        Ok(Self {
            hosts,
            chroot: chroot.to_owned(),
        })
    }
}

impl FromStr for ConnectString {
    type Err = Invalid;

    fn from_str(input: &str) -> Result<Self, Invalid> {
        Self::parse(input).map_err(|reason| Invalid {
            input: input.to_owned(),
            reason,
        })
    }
}

impl fmt::Display for ConnectString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, host) in self.hosts.iter().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            write!(f, "{comma}{host}")?;
        }
        match self.chroot.as_str() {
            "/" => Ok(()),
            chroot => f.write_str(chroot),
        }
    }
}

// === impl Host ===

impl Host {
    fn parse(input: &str) -> Result<Self, Reason> {
        if input.is_empty() {
            return Err(Reason::EmptyHost);
        }
        if let Some(rest) = input.strip_prefix('[') {
            return Self::parse_bracketed(input, rest);
        }
        // An address with several colons and no brackets has no port.
        if input.parse::<Ipv6Addr>().is_ok() {
            return Ok(Self::new(input, PORT_DEFAULT));
        }
        let (name, port) = match input.split_once(':') {
            Some((name, port)) => (name, parse_port(input, port)?),
            None => (input, PORT_DEFAULT),
        };
        if name.is_empty() {
            return Err(Reason::EmptyHost);
        }
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !name.chars().all(is_allowed) {
            return Err(Reason::HostName(input.to_owned()));
        }
        Ok(Self::new(name, port))
    }

    fn parse_bracketed(input: &str, rest: &str) -> Result<Self, Reason> {
        let bad = || Reason::Ipv6(input.to_owned());
        let (address, port) = rest.split_once(']').ok_or_else(bad)?;
        // A scope (`fe80::1%eth0`) is for the resolver to judge.
        let (bare, _scope) = address.split_once('%').unwrap_or((address, ""));
        bare.parse::<Ipv6Addr>().map_err(|_| bad())?;
        let port = match port.strip_prefix(':') {
            Some(port) => parse_port(input, port)?,
            None if port.is_empty() => PORT_DEFAULT,
            None => return Err(bad()),
        };
        Ok(Self::new(address, port))
    }

    fn new(name: &str, port: u16) -> Self {
        Self {
            name: name.to_owned(),
            port,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]:{}", self.name, self.port)
        } else {
            write!(f, "{}:{}", self.name, self.port)
        }
    }
}

fn parse_port(host: &str, port: &str) -> Result<u16, Reason> {
    match port.parse() {
        Ok(0) | Err(_) => Err(Reason::Port(host.to_owned())),
        Ok(port) => Ok(port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_hosts_ports_and_a_chroot() {
        for (input, shown) in [
            ("a", "a:2181"),
            ("a:1,b:2, c", "a:1,b:2,c:2181"),
            ("a/x/y", "a:2181/x/y"),
            ("a/", "a:2181"),
            ("[::1]:2182,[fe80::1]/d", "[::1]:2182,[fe80::1]:2181/d"),
            ("fe80::1", "[fe80::1]:2181"),
            ("10.0.0.1:2181", "10.0.0.1:2181"),
        ] {
            let parsed: ConnectString = input.parse().unwrap();
            assert_eq!(parsed.to_string(), shown);
            assert_eq!(shown.parse::<ConnectString>().unwrap(), parsed);
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (input, why) in [
            ("", "no host"),
            ("/dockeeper", "no host"),
            ("a,,b", "a host is empty"),
            (":2181", "a host is empty"),
            ("a:0", "no port"),
            ("a:65536", "no port"),
            ("a:b", "no port"),
            ("http://a", "no port"),
            ("a b:1", "no host name has"),
            ("[::1", "not an IPv6 address"),
            ("[a]:1", "not an IPv6 address"),
            ("[::1]x", "not an IPv6 address"),
            ("a/x/", "ends with '/'"),
            ("a/../b", "'.' or '..'"),
        ] {
            let error = input.parse::<ConnectString>().unwrap_err().to_string();
            assert!(error.contains(why), "{input}: {error}");
        }
        let many = vec!["a"; HOSTS_MAX + 1].join(",");
        assert!(many.parse::<ConnectString>().is_err());
    }
}
