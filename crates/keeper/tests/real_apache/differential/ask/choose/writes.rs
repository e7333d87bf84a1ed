use super::{
    super::{Ask, Create, Place},
    Asker, access, pick,
    places::{own_persistent_place, own_place, place},
    quota,
};
use bytes::Bytes;
use dockeeper_zk_proto::{OpCode, acl::Acl, create::CreateMode};
use fastrand::Rng;

/// Longer than a run.
const TTL_MS: i64 = 3_600_000;

/// What a request without one has.
pub(super) const NO_TTL: i64 = -1;

/// The longest time to live that there is, and one more.
const TTLS_AT_THE_LIMIT: [i64; 2] = [(1 << 40) - 1, 1 << 40];

pub(super) fn create(rng: &mut Rng) -> Ask {
    let (opcode, create) = what_to_create(rng);
    Ask::Create(opcode, create)
}

/// Creates what can have children, and everybody may change.
pub(super) fn plant(rng: &mut Rng, path: &str) -> Ask {
    let opcode = pick(rng, &[OpCode::Create2, OpCode::CreateContainer]);
    let mode = match opcode {
        OpCode::CreateContainer => CreateMode::Container,
        _ => CreateMode::Persistent,
    };
    let create = Create {
        place: Place::own(path),
        data: data(rng),
        acl: Acl::open(),
        flags: mode.to_wire(),
        ttl_ms: NO_TTL,
    };
    Ask::Create(opcode, create)
}

pub(super) fn delete(rng: &mut Rng) -> Ask {
    Ask::Delete(written_place(rng), version(rng))
}

pub(super) fn set_data(rng: &mut Rng) -> Ask {
    Ask::SetData(written_place(rng), data(rng), version(rng))
}

pub(super) fn multi(rng: &mut Rng, asker: Asker) -> Ask {
    let count = if asker.has_hard_quotas {
        rng.usize(..2)
    } else {
        rng.usize(..5)
    };
    Ask::Multi((0..count).map(|_| write(rng, asker)).collect())
}

pub(super) fn version(rng: &mut Rng) -> i32 {
    pick(rng, &[-1, -1, -1, 0, 1, 2, -2])
}

fn write(rng: &mut Rng, asker: Asker) -> Ask {
    match rng.u32(..16) {
        0..6 => {
            let (opcode, mut create) = what_to_create(rng);
            // One that is out of range ends Apache's server when it is in a multi.
            create.ttl_ms = TTL_MS;
            Ask::Create(opcode, create)
        }
        6..9 => set_data(rng),
        9..12 => delete(rng),
        12 => quota::write(rng, asker),
        _ => Ask::Check(place(rng), version(rng)),
    }
}

fn what_to_create(rng: &mut Rng) -> (OpCode, Create) {
    let opcodes = [
        OpCode::Create,
        OpCode::Create2,
        OpCode::Create2,
        OpCode::CreateContainer,
        OpCode::CreateTtl,
    ];
    let opcode = pick(rng, &opcodes);
    let flags = match (rng.u32(..20), opcode) {
        (0, _) => rng.i32(-1..9),
        (_, OpCode::CreateContainer) => CreateMode::Container.to_wire(),
        (_, OpCode::CreateTtl) => rng.i32(5..7),
        _ => pick(rng, &[0, 0, 0, 1, 1, 2, 3]),
    };
    let mut place = written_place(rng);
    if let Place::Own(path) = &mut place
        && rng.u32(..20) == 0
    {
        path.push('/');
    }
    let mut create = Create {
        place,
        data: data(rng),
        acl: access::acl(rng),
        flags,
        ttl_ms: match rng.u32(..6) {
            0 => pick(rng, &TTLS_AT_THE_LIMIT),
            1 => pick(rng, &[0, -1, i64::MIN, i64::MAX]),
            _ => TTL_MS,
        },
    };
    if create.has_ttl() {
        (OpCode::CreateTtl, create)
    } else {
        // Apache does not look at the time then, and one that is out of range ends its server.
        create.ttl_ms = TTL_MS;
        (opcode, create)
    }
}

/// Also where sessions alone watch.
fn written_place(rng: &mut Rng) -> Place {
    match rng.u32(..16) {
        0 => own_place(rng.usize(..2)),
        1 => own_persistent_place(rng.usize(..2)),
        2 => Place::own("/p"),
        _ => place(rng),
    }
}

fn data(rng: &mut Rng) -> Option<Bytes> {
    match rng.u32(..4) {
        0 => None,
        1 => Some(Bytes::new()),
        _ => Some(Bytes::from(vec![b'x'; rng.usize(1..300)])),
    }
}
