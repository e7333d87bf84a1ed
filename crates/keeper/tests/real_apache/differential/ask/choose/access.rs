use super::{super::Ask, pick, places::place, writes::version};
use dockeeper_zk_proto::acl::{Acl, perms};
use fastrand::Rng;

/// User and password, and the same as an ACL has it.
const USERS: [(&str, &str); 2] = [
    ("alice:secret", "alice:aYXlLOpEooaV1cRAvUL1fp9Qt7E="),
    ("bob:hidden", "bob:t6EE4g1VcSWwVE0HlwKXoBOX6Vk="),
];

/// Credentials that have another form than they should.
const ODD_CREDENTIALS: [Option<&str>; 5] = [
    None,
    Some(""),
    Some(":"),
    Some("carol"),
    Some("carol:one:two"),
];

/// What stands in the place of a digest: some is taken, whoever that may be.
const ODD_DIGESTS: [&str; 8] = ["no colon", "", ":", "a:", ":b", "a:b:", "a:b:c", "a::b"];

/// What stands in the place of an address: some is taken, and then it is for everybody or nobody.
/// IPv6 and leading zeros are left out: there the keeper differs.
const NETWORKS: [&str; 14] = [
    "0.0.0.0/0",
    "203.0.113.7/0",
    "203.0.113.7",
    "203.0.113.0/24",
    "203.0.113.7/32",
    "203.0.113.7/33",
    "203.0.113.7/-1",
    "203.0.113.7/",
    "203.0.113.7/x",
    "203.0.113.7/8/8",
    "300.1.2.3",
    "1.2.3",
    "/8",
    "",
];

pub(super) fn auth(rng: &mut Rng) -> Ask {
    match rng.u32(..12) {
        0 => Ask::Auth(
            pick(rng, &["nonsense", "", "world", "auth", "x509"]),
            Some("x"),
        ),
        1 => Ask::Auth("ip", pick(rng, &[Some("1.2.3.4"), None])),
        2 => Ask::Auth("digest", pick(rng, &ODD_CREDENTIALS)),
        3 => Ask::Auth("digest", Some(crate::servers::SUPER)),
        _ => Ask::Auth("digest", Some(pick(rng, &USERS).0)),
    }
}

pub(super) fn set_acl(rng: &mut Rng) -> Ask {
    Ask::SetAcl(place(rng), acl(rng), version(rng))
}

pub(super) fn acl(rng: &mut Rng) -> Vec<Acl> {
    match rng.u32(..60) {
        0 => Vec::new(),
        1 => [Acl::open(), Acl::open()].concat(),
        2..14 => vec![entry(rng)],
        14..16 => (0..rng.usize(2..5)).map(|_| entry(rng)).collect(),
        _ => Acl::open(),
    }
}

fn entry(rng: &mut Rng) -> Acl {
    let user = pick(rng, &USERS).1;
    let perms = match rng.u32(..8) {
        0 => pick(rng, &[-1, 0, 32, 33, i32::MIN]),
        1..3 => rng.i32(..32),
        _ => perms::ALL,
    };
    match rng.u32(..16) {
        0 => Acl::new(perms, pick(rng, &["nonsense", "", "super", "sasl"]), "x"),
        1 => Acl::new(perms, "world", pick(rng, &["somebody", "", "Anyone"])),
        2 => Acl::new(perms, "x509", "CN=x"),
        3 => Acl::new(perms, "digest", pick(rng, &ODD_DIGESTS)),
        4..6 => Acl::new(perms, "ip", pick(rng, &NETWORKS)),
        6..8 => Acl::new(perms, "auth", pick(rng, &["", "ignored"])),
        8..13 => Acl::new(perms, "digest", user),
        _ => Acl::new(perms, "world", "anyone"),
    }
}
