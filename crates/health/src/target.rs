//! What a check probes.

use std::net::SocketAddr;

/// The instance that a check probes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where the probe connects to.
    pub address: SocketAddr,
    /// The host name, without a port, that HTTP and TLS ask for; the IP address when `None`.
    pub name: Option<String>,
    /// The container in which commands run, as the Docker Engine names it.
    pub container: String,
}

impl Target {
    /// The host and port as they stand in a `Host` header.
    pub(crate) fn authority(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}:{}", self.address.port()),
            None => self.address.to_string(),
        }
    }

    /// The host as a certificate names it.
    pub(crate) fn host(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => self.address.ip().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_is_the_name_or_the_address() {
        let mut target = Target {
            address: "[::1]:80".parse().expect("an address"),
            name: None,
            container: String::new(),
        };
        assert_eq!(
            (target.authority(), target.host()),
            ("[::1]:80".into(), "::1".into())
        );
        target.name = Some("web".into());
        assert_eq!(
            (target.authority(), target.host()),
            ("web:80".into(), "web".into())
        );
    }
}
