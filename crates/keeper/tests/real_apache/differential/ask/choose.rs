//! Which requests are made, and how often.

use super::{Ask, Create, Read, Watches, Write};
use bytes::Bytes;
use dockeeper_zk_proto::{
    OpCode,
    acl::{Acl, perms},
    create::CreateMode,
    watch::{AddWatchMode, WatcherType},
};
use fastrand::Rng;

/// Few enough that most requests meet what an earlier one has done.
const PATHS: [&str; 10] = [
    "", "/a", "/b", "/c", "/a/x", "/a/y", "/a/x/1", "/b/x", "/b/x/1", "/c/x",
];

/// Paths of which one session has persistent watches only, and another one-shot ones only: Apache
/// 3.8 lets one overwrite the other.
const PERSISTENT_PATHS: [&str; 3] = ["/a", "/b/x", "/p"];

/// Paths that no server takes.
const BAD_PATHS: [&str; 6] = ["/", "//a", "/a/", "/a/../b", "/a/.", "/a\u{1}"];

/// Longer than a run.
const TTL_MS: i64 = 3_600_000;

/// User and password, and the same as an ACL has it.
const USERS: [(&str, &str); 2] = [
    ("alice:secret", "alice:aYXlLOpEooaV1cRAvUL1fp9Qt7E="),
    ("bob:hidden", "bob:t6EE4g1VcSWwVE0HlwKXoBOX6Vk="),
];

/// A check outside a multi is left out: Apache never answers one that holds.
pub(super) fn ask(rng: &mut Rng, seat: usize) -> Ask {
    match rng.u32(..100) {
        0..20 => {
            let (opcode, create) = create(rng);
            Ask::Create(opcode, create)
        }
        20..30 => Ask::Delete(path(rng), version(rng)),
        30..42 => Ask::SetData(path(rng), data(rng), version(rng)),
        42..52 => Ask::Multi((0..rng.usize(..5)).map(|_| write(rng)).collect()),
        52..56 => Ask::MultiRead((0..rng.usize(..4)).map(|_| read(rng)).collect()),
        56..60 => Ask::SetAcl(path(rng), acl(rng), version(rng)),
        60..62 => auth(rng),
        62..63 => Ask::WhoAmI,
        63..64 => Ask::Odd(*pick(rng, &[0, 10, 12_345, -3, 16, 102, 20])),
        64..70 => watching(rng, seat),
        _ => reading(rng, seat),
    }
}

fn reading(rng: &mut Rng, seat: usize) -> Ask {
    let watched = one_shot_path(rng, seat);
    match rng.u32(..10) {
        0..2 => Ask::Exists(watched, rng.bool()),
        2..4 => Ask::GetData(watched, rng.bool()),
        4 => Ask::GetChildren(watched, rng.bool()),
        5 => Ask::GetChildren2(watched, rng.bool()),
        6 => Ask::GetAcl(path(rng)),
        7 => Ask::CountChildren(path(rng)),
        8 => Ask::GetEphemerals(path(rng)),
        _ => Ask::Sync(path(rng)),
    }
}

fn watching(rng: &mut Rng, seat: usize) -> Ask {
    let kinds = [WatcherType::Any, WatcherType::Data, WatcherType::Children];
    let modes = [AddWatchMode::Persistent, AddWatchMode::PersistentRecursive];
    let persistent = text(rng, &PERSISTENT_PATHS);
    match rng.u32(..7) {
        0..3 => Ask::AddWatch(persistent, *pick(rng, &modes)),
        3 => Ask::RemoveWatches(persistent, WatcherType::Any),
        4 => Ask::RemoveWatches(own_path(seat), *pick(rng, &kinds)),
        5 => Ask::CheckWatches(own_path(seat), *pick(rng, &kinds)),
        _ => {
            let mut some = || {
                (0..rng.usize(..3))
                    .map(|_| one_shot_path(rng, seat))
                    .collect()
            };
            Ask::SetWatches(Watches {
                data: some(),
                exist: some(),
                child: some(),
            })
        }
    }
}

fn create(rng: &mut Rng) -> (OpCode, Create) {
    let opcodes = [
        OpCode::Create,
        OpCode::Create2,
        OpCode::Create2,
        OpCode::CreateContainer,
        OpCode::CreateTtl,
    ];
    let opcode = *pick(rng, &opcodes);
    let flags = match (rng.u32(..20), opcode) {
        (0, _) => rng.i32(-1..9),
        (_, OpCode::CreateContainer) => CreateMode::Container.to_wire(),
        (_, OpCode::CreateTtl) => rng.i32(5..7),
        _ => *pick(rng, &[0, 0, 0, 1, 1, 2, 3]),
    };
    let mut path = path(rng);
    if rng.u32(..20) == 0 {
        path.push('/');
    }
    let mut create = Create {
        path,
        data: data(rng),
        acl: acl(rng),
        flags,
        ttl_ms: *pick(rng, &[TTL_MS, TTL_MS, TTL_MS, 1 << 40, 0, -1]),
    };
    if create.has_ttl() {
        (OpCode::CreateTtl, create)
    } else {
        // Apache does not look at the time then, and one that is out of range ends its server.
        create.ttl_ms = TTL_MS;
        (opcode, create)
    }
}

fn write(rng: &mut Rng) -> Write {
    match rng.u32(..8) {
        0..3 => {
            let (opcode, mut create) = create(rng);
            // One that is out of range ends Apache's server when it is in a multi.
            create.ttl_ms = TTL_MS;
            Write::Create(opcode, create)
        }
        3..5 => Write::SetData(path(rng), data(rng), version(rng)),
        5..7 => Write::Delete(path(rng), version(rng)),
        _ => Write::Check(path(rng), version(rng)),
    }
}

fn read(rng: &mut Rng) -> Read {
    if rng.bool() {
        Read::GetData(path(rng))
    } else {
        Read::GetChildren(path(rng))
    }
}

fn auth(rng: &mut Rng) -> Ask {
    match rng.u32(..8) {
        0 => Ask::Auth("nonsense", "x"),
        1 => Ask::Auth("ip", "1.2.3.4"),
        _ => Ask::Auth("digest", pick(rng, &USERS).0),
    }
}

fn acl(rng: &mut Rng) -> Vec<Acl> {
    let user = pick(rng, &USERS).1;
    match rng.u32(..40) {
        0 => Vec::new(),
        1 => vec![Acl::new(perms::ALL, "nonsense", "x")],
        2 => vec![Acl::new(perms::ALL, "digest", "no colon")],
        3 => vec![Acl::new(perms::READ, "ip", "300.1.2.3")],
        4 => vec![Acl::new(perms::READ, "ip", "0.0.0.0/0")],
        5 => Acl::creator_all(),
        6 => Acl::read_only(),
        7 => vec![Acl::new(perms::ALL, "digest", user)],
        8 => vec![
            Acl::new(perms::READ, "world", "anyone"),
            Acl::new(perms::ALL & !perms::READ, "digest", user),
        ],
        9 => vec![Acl::new(rng.i32(..32), "world", "anyone")],
        10 => [Acl::open(), Acl::open()].concat(),
        11 => vec![Acl::new(perms::ALL, "world", "somebody")],
        12 => vec![Acl::new(perms::ALL, "x509", "CN=x")],
        13 => vec![Acl::new(perms::ALL, "auth", "ignored")],
        _ => Acl::open(),
    }
}

fn path(rng: &mut Rng) -> String {
    if rng.u32(..40) == 0 {
        return text(rng, &BAD_PATHS);
    }
    text(rng, &PATHS)
}

/// A path that one session alone watches: Apache 3.8 takes anybody's watch for the asking
/// session's when it checks.
fn own_path(seat: usize) -> String {
    format!("/own-{seat}")
}

fn one_shot_path(rng: &mut Rng, seat: usize) -> String {
    if rng.u32(..8) == 0 {
        return own_path(seat);
    }
    loop {
        let path = path(rng);
        if !PERSISTENT_PATHS.contains(&path.as_str()) {
            return path;
        }
    }
}

fn version(rng: &mut Rng) -> i32 {
    *pick(rng, &[-1, -1, -1, 0, 1, 2, -2])
}

fn data(rng: &mut Rng) -> Option<Bytes> {
    match rng.u32(..4) {
        0 => None,
        1 => Some(Bytes::new()),
        _ => Some(Bytes::from(vec![b'x'; rng.usize(1..300)])),
    }
}

fn pick<'a, T>(rng: &mut Rng, of: &'a [T]) -> &'a T {
    &of[rng.usize(..of.len())]
}

fn text(rng: &mut Rng, of: &[&str]) -> String {
    (*pick(rng, of)).to_owned()
}
