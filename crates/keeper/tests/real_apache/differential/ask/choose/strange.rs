//! What no client asks, or hardly any.

use super::{
    super::{Ask, Create, Place},
    Asker, access, ask_in_burst, pick, places, watching, writes,
};
use dockeeper_zk_proto::{OpCode, acl::Acl};
use fastrand::Rng;

/// Numbers that are no operations, and operations with a body that is none. `createSession` (-10)
/// is left out: there the keeper differs.
const ODD: [(i32, &[u8]); 9] = [
    (0, b""),
    (10, b"abc"),
    (12_345, b""),
    (-3, b""),
    (i32::MIN, b""),
    (16, b""),
    (20, b"/a"),
    (102, b""),
    (102, b"\0\0\0\x02ab"),
];

/// Null where there should be a path or a list, and `-1` or nothing for the other fields.
const NULLS: [(i32, &[u8]); 16] = [
    (
        1,
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",
    ),
    (1, b"\0\0\0\x02/n\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0"),
    (2, b"\xff\xff\xff\xff\xff\xff\xff\xff"),
    (3, b"\xff\xff\xff\xff\0"),
    (4, b"\xff\xff\xff\xff\0"),
    (5, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
    (6, b"\xff\xff\xff\xff"),
    (7, b"\0\0\0\x02/n\xff\xff\xff\xff\xff\xff\xff\xff"),
    (9, b"\xff\xff\xff\xff"),
    (12, b"\xff\xff\xff\xff\0"),
    (13, b"\xff\xff\xff\xff\xff\xff\xff\xff"),
    (14, b"\0\0\0\x05\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\xff\xff\xff\xff"),
    (17, b"\xff\xff\xff\xff\0\0\0\x03"),
    (18, b"\xff\xff\xff\xff\0\0\0\x03"),
    (
        101,
        b"\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    ),
    (103, b"\xff\xff\xff\xff"),
];

/// No znode has it.
const VERSION_OF_NONE: i32 = 1_000_000;

/// The servers' own znodes, and paths that are none at all.
const ABSOLUTE: [&str; 8] = [
    "/",
    "/zookeeper",
    "/zookeeper/config",
    "/zookeeper/quota",
    "",
    "no-slash",
    "no/leading",
    "/nul\0",
];

pub(super) fn ask(rng: &mut Rng, asker: Asker) -> Ask {
    match rng.u32(..14) {
        0..2 => {
            let (opcode, body) = pick(rng, &ODD);
            Ask::Odd(opcode, body)
        }
        2..4 => {
            let (opcode, body) = pick(rng, &NULLS);
            Ask::Odd(opcode, body)
        }
        4..7 => cut(rng, asker),
        7..10 => absolute(rng),
        10 => Ask::Multi(mixed(rng, asker)),
        11 => Ask::MultiRead(mixed(rng, asker)),
        // One that holds is never answered by Apache's server.
        12 => Ask::Check(places::place(rng), VERSION_OF_NONE),
        _ => match rng.u32(..8) {
            0..3 => Ask::Ping,
            3..6 => Ask::Reconfig,
            // A mebibyte takes its time.
            _ => Ask::Sized(rng.isize(-1..2)),
        },
    }
}

/// The end of the body is missing.
fn cut(rng: &mut Rng, asker: Asker) -> Ask {
    let whole = match rng.u32(..4) {
        0 => access::auth(rng),
        1 => writes::multi(rng, asker),
        2 => watching::ask(rng, asker.seat),
        _ => ask_in_burst(rng, asker),
    };
    Ask::Cut(Box::new(whole), rng.usize(..100))
}

/// Nothing that would change what other sequences meet.
fn absolute(rng: &mut Rng) -> Ask {
    let place = Place::Absolute(pick(rng, &ABSOLUTE));
    match rng.u32(..8) {
        0 => Ask::Exists(place, false),
        1 => Ask::Delete(place, -1),
        2 => Ask::GetAcl(place),
        3 => Ask::Sync(place),
        4 => Ask::Create(
            OpCode::Create2,
            Create {
                place,
                data: None,
                acl: Acl::open(),
                flags: 0,
                ttl_ms: writes::NO_TTL,
            },
        ),
        _ => Ask::GetData(place, false),
    }
}

/// What need not belong into a multi.
fn mixed(rng: &mut Rng, asker: Asker) -> Vec<Ask> {
    let count = if asker.has_hard_quotas { 1 } else { 3 };
    let asks = (0..count).map(|_| ask_in_burst(rng, asker));
    asks.filter(is_safe).collect()
}

/// Whether Apache's server survives it in a multi.
fn is_safe(ask: &Ask) -> bool {
    !matches!(ask, Ask::Create(OpCode::CreateTtl, _))
}
