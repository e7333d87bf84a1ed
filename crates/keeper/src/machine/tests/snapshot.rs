use super::rig::{KEY, Rig};
use crate::{
    Entry, Machine, NodeKind, Rules, Txn,
    machine::{ReplayError, RestoreError},
};
use bytes::Bytes;
use dockeeper_zk_proto::{acl::Acl, create::CreateMode};

fn blocks(machine: &mut Machine) -> Vec<Bytes> {
    machine.snapshot_begin();
    std::iter::from_fn(|| machine.snapshot_block(2)).collect()
}

fn restore(blocks: &[Bytes], zxid: i64) -> Result<Machine, RestoreError> {
    let mut restorer = Machine::restore(Rules::default(), KEY);
    for block in blocks {
        restorer.block(block.clone())?;
    }
    restorer.finish(zxid)
}

fn filled() -> Rig {
    let mut rig = Rig::new();
    let client = rig.client();
    for path in ["/a", "/a/b", "/a/b/c", "/d"] {
        rig.make(client, path);
    }
    rig.create(client, "/e", CreateMode::Ephemeral).unwrap();
    rig.create_with(client, "/r", CreateMode::Persistent, Acl::read_only())
        .unwrap();
    rig.delete(client, "/d").unwrap();
    rig
}

#[test]
fn comes_back_as_it_was() {
    let mut rig = filled();
    let blocks = blocks(&mut rig.machine);
    let copy = restore(&blocks, rig.machine.last_zxid()).unwrap();
    assert_eq!(copy.dump(), rig.machine.dump());
    assert_eq!(rig.machine.snapshot_block(2), None);
    let mut rig = Rig::with_machine(copy);
    let client = rig.client();
    rig.make(client, "/a/b/d");
    assert_eq!(rig.children(client, "/a/b"), ["c", "d"]);
}

#[test]
fn whoever_changes_a_node_writes_it_first() {
    let mut rig = filled();
    let client = rig.client();
    let zxid = rig.machine.snapshot_begin();
    let dump = rig.machine.dump();
    let mut blocks = vec![rig.machine.snapshot_block(1).unwrap()];
    blocks.extend(rig.machine.snapshot_block(1));
    rig.delete(client, "/r").unwrap();
    rig.create_with(
        client,
        "/s",
        CreateMode::Persistent,
        vec![Acl::new(1, "ip", "::1")],
    )
    .unwrap();
    rig.set(client, "/a/b/c", "new").unwrap();
    rig.delete(client, "/a/b/c").unwrap();
    rig.make(client, "/a/b/c");
    while let Some(block) = rig.machine.snapshot_block(1) {
        blocks.push(block);
    }
    assert_eq!(restore(&blocks, zxid).unwrap().dump(), dump);
}

#[test]
fn a_new_one_takes_the_place_of_one_under_way() {
    let mut rig = filled();
    rig.machine.snapshot_begin();
    rig.machine.snapshot_block(1).unwrap();
    rig.machine.snapshot_block(1).unwrap();
    let blocks = blocks(&mut rig.machine);
    assert!(restore(&blocks, rig.machine.last_zxid()).is_ok());
}

#[test]
fn what_is_not_whole_is_refused() {
    let mut rig = filled();
    let zxid = rig.machine.last_zxid();
    let whole = blocks(&mut rig.machine);
    for missing in 0..whole.len() {
        let mut blocks = whole.clone();
        blocks.remove(missing);
        assert!(restore(&blocks, zxid).is_err(), "without block {missing}");
        let mut blocks = whole.clone();
        blocks.insert(missing, whole[missing].clone());
        assert!(restore(&blocks, zxid).is_err(), "block {missing} twice");
    }
    assert!(matches!(
        restore(&whole, zxid + 1),
        Err(RestoreError::Zxid { .. })
    ));
}

/// Storage has checksums; this is against its mistakes, and must not panic or hang.
#[test]
fn damage_never_panics() {
    let mut rig = filled();
    let zxid = rig.machine.last_zxid();
    let whole = blocks(&mut rig.machine);
    for (index, block) in whole.iter().enumerate() {
        for at in 0..block.len() {
            for flip in [1, 0x80] {
                let mut bytes = block.to_vec();
                bytes[at] ^= flip;
                let mut blocks = whole.clone();
                blocks[index] = bytes.into();
                drop(restore(&blocks, zxid));
            }
            let mut blocks = whole.clone();
            blocks[index].truncate(at);
            drop(restore(&blocks, zxid));
        }
    }
}

#[test]
fn a_log_that_does_not_fit_is_refused() {
    let mut rig = filled();
    let zxid = rig.machine.last_zxid();
    let mut replay = |zxid, txn| {
        rig.machine.replay(&Entry {
            zxid,
            time_ms: 0,
            session: 0,
            txn,
        })
    };
    let create = |path: &str| Txn::Create {
        path: path.to_owned(),
        data: None,
        acl: Acl::open(),
        kind: NodeKind::Persistent,
    };
    let delete = |path: &str| Txn::Delete {
        path: path.to_owned(),
    };
    for found in [zxid, zxid + 2] {
        let expected = zxid + 1;
        let error = replay(found, Txn::CloseSession).unwrap_err();
        assert_eq!(error, ReplayError::Gap { expected, found });
    }
    for txn in [
        create("/a"),
        create("/no/a"),
        create("/"),
        create(""),
        delete("/"),
        delete("/a"),
        delete("/no"),
        Txn::Multi(vec![Txn::CloseSession]),
    ] {
        let error = replay(zxid + 1, txn.clone()).unwrap_err();
        assert!(matches!(error, ReplayError::Misfit { .. }), "{txn:?}");
    }
}
