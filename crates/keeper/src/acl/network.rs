use std::net::IpAddr;

/// The addresses that an `ip` entry means: `address` or `address/bits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u32,
}

// === impl Network ===

impl Network {
    /// Reads an entry's id; `None` if it is none.
    pub(super) fn parse(id: &str) -> Option<Self> {
        let (address, bits) = match id.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (id, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= bits_max)?,
            None => bits_max,
        };
        Some(Self { address, bits })
    }

    /// Whether `address` begins with the same bits.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differ = network.to_bits() ^ address.to_bits();
                differ.leading_zeros() >= self.bits
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differ = network.to_bits() ^ address.to_bits();
                differ.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        Network::parse(network)
            .unwrap()
            .contains(address.parse().unwrap())
    }

    #[test]
    fn counts_bits_from_the_left() {
        for (network, inside, outside) in [
            ("10.1.2.3", "10.1.2.3", "10.1.2.2"),
            ("10.1.2.3/32", "10.1.2.3", "10.1.2.2"),
            ("10.1.2.3/31", "10.1.2.2", "10.1.2.4"),
            ("10.1.2.3/8", "10.255.0.0", "11.1.2.3"),
            ("10.1.2.3/9", "10.127.0.0", "10.128.0.0"),
            ("fd00::1", "fd00:0::1", "fd00::2"),
            ("fd00::/16", "fd00:ffff::", "fd01::"),
            ("::1/127", "::", "::2"),
        ] {
            assert!(contains(network, inside), "{inside} in {network}");
            assert!(!contains(network, outside), "{outside} in {network}");
        }
        assert!(contains("10.1.2.3/0", "200.1.1.1"));
        assert!(contains("::/0", "ff::1"));
        assert!(!contains("0.0.0.0/0", "::1"), "another family");
        assert!(!contains("::/0", "127.0.0.1"), "another family");
    }

    #[test]
    fn refuses_what_is_no_network() {
        for id in [
            "",
            "/",
            "/8",
            "10.1.2",
            "10.1.2.3.4",
            "10.1.2.256",
            "10.1.2.x",
            "10.1.2.3/",
            "10.1.2.3/33",
            "10.1.2.3/-1",
            "10.1.2.3/8/8",
            "10.1.2.3/x",
            "::1/129",
            ":::1",
            "1::2::3",
            "localhost",
            " 10.1.2.3",
        ] {
            assert_eq!(Network::parse(id), None, "{id:?}");
        }
    }
}
