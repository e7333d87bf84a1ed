use super::{
    super::{Ask, Create, Place},
    Asker, pick, writes,
};
use bytes::Bytes;
use dockeeper_zk_proto::{OpCode, acl::Acl};
use fastrand::Rng;

/// The trees that get limits.
const TREES: [&str; 4] = ["", "/a", "/a/x", "/b"];

/// Limits that are only warned of.
const SOFT: [&str; 4] = [
    "count=3,bytes=-1",
    "count=-1,bytes=100",
    "count=0,bytes=0",
    "",
];

/// Limits of which some are enforced.
const HARD: [&str; 4] = [
    "count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=4",
    "count=-1,bytes=-1=;byteHardLimit=500;countHardLimit=-1",
    "count=2,bytes=2=;byteHardLimit=300;countHardLimit=3",
    "countHardLimit=2",
];

/// What clients write in the place of counts. What is no count at all ends Apache's server.
const COUNTS: [&str; 3] = ["count=-1,bytes=-1", "count=2,bytes=7", ""];

/// A tree with hard limits.
pub(super) fn first(rng: &mut Rng) -> [Ask; 3] {
    let tree = pick(rng, &TREES[..2]);
    let znode = |name: &str| Place::Quota(format!("{tree}{name}"));
    [
        create(znode(""), ""),
        create(znode("/zookeeper_limits"), pick(rng, &HARD)),
        create(znode("/zookeeper_stats"), ""),
    ]
}

pub(super) fn ask(rng: &mut Rng, asker: Asker) -> Ask {
    match rng.u32(..10) {
        0..6 => write(rng, asker),
        6 => Ask::GetChildren2(tree(rng), false),
        7 => Ask::Exists(stats(rng), rng.bool()),
        _ => Ask::GetData(stats(rng), rng.bool()),
    }
}

pub(super) fn write(rng: &mut Rng, asker: Asker) -> Ask {
    match rng.u32(..16) {
        0..3 => create(tree(rng), ""),
        3..6 => {
            let text = limit(rng, asker);
            create(limits(rng), text)
        }
        6..9 => create(stats(rng), pick(rng, &COUNTS)),
        9..11 => {
            let text = limit(rng, asker);
            Ask::SetData(limits(rng), Some(Bytes::from_static(text.as_bytes())), -1)
        }
        11 => {
            let text = pick(rng, &COUNTS);
            Ask::SetData(stats(rng), Some(Bytes::from_static(text.as_bytes())), -1)
        }
        12 => Ask::Delete(limits(rng), -1),
        13 => Ask::Delete(stats(rng), -1),
        _ => Ask::Delete(tree(rng), -1),
    }
}

fn limit(rng: &mut Rng, asker: Asker) -> &'static str {
    if asker.has_hard_quotas && rng.u32(..4) > 0 {
        pick(rng, &HARD)
    } else {
        pick(rng, &SOFT)
    }
}

fn create(place: Place, text: &'static str) -> Ask {
    let create = Create {
        place,
        data: Some(Bytes::from_static(text.as_bytes())),
        acl: Acl::open(),
        flags: 0,
        ttl_ms: writes::NO_TTL,
    };
    Ask::Create(OpCode::Create2, create)
}

fn tree(rng: &mut Rng) -> Place {
    Place::Quota(pick(rng, &TREES).to_owned())
}

fn limits(rng: &mut Rng) -> Place {
    Place::Quota(format!("{}/zookeeper_limits", pick(rng, &TREES)))
}

fn stats(rng: &mut Rng) -> Place {
    Place::Quota(format!("{}/zookeeper_stats", pick(rng, &TREES)))
}
