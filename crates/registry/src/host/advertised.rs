//! Which addresses can be advertised.

use std::net::{IpAddr, Ipv4Addr};

const LOOPBACK: &str = "a loopback address, which other hosts cannot reach; give another one, or \
                        allow it with --advertise-loopback";

const NOBODYS: &str = "which is no host's address; give one that other hosts reach";

/// Refuses an address at which nobody, or only the host itself, reaches anything. The error
/// follows upon "… is 127.0.0.1, ".
pub fn judge(ip: IpAddr, advertise_loopback: bool) -> Result<(), &'static str> {
    let canonical = ip.to_canonical();
    if canonical.is_loopback() && !advertise_loopback {
        return Err(LOOPBACK);
    }
    let is_broadcast = canonical == IpAddr::V4(Ipv4Addr::BROADCAST);
    if canonical.is_unspecified() || canonical.is_multicast() || is_broadcast {
        return Err(NOBODYS);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_others_reach_can_be_advertised() {
        for (ip, without, with_loopback) in [
            ("10.0.0.5", true, true),
            ("2001:db8::5", true, true),
            ("127.0.0.1", false, true),
            ("::1", false, true),
            ("::ffff:127.0.0.1", false, true),
            ("0.0.0.0", false, false),
            ("::", false, false),
            ("255.255.255.255", false, false),
            ("224.0.0.1", false, false),
            ("ff02::1", false, false),
        ] {
            let ip = ip.parse().unwrap();
            assert_eq!(judge(ip, false).is_ok(), without, "{ip}");
            assert_eq!(judge(ip, true).is_ok(), with_loopback, "{ip}");
        }
    }
}
