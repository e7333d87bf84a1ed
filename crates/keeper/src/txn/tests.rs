use super::{Entry, NodeKind, Txn};
use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{Decoder, Record, acl::Acl};
use proptest::{collection::vec, option, prelude::*, sample::Index};

fn data() -> impl Strategy<Value = Option<Bytes>> {
    option::of(vec(any::<u8>(), 0..40).prop_map(Bytes::from))
}

fn path() -> impl Strategy<Value = String> {
    "(/[a-zä-]{1,5}){1,3}"
}

fn acl() -> impl Strategy<Value = Vec<Acl>> {
    let entry = (any::<i32>(), "[a-z]{0,5}", "[a-z:]{0,9}");
    let entry = entry.prop_map(|(perms, scheme, id)| Acl::new(perms, scheme, id));
    vec(entry, 0..4)
}

fn kind() -> impl Strategy<Value = NodeKind> {
    prop_oneof![
        Just(NodeKind::Persistent),
        Just(NodeKind::Ephemeral),
        Just(NodeKind::Container),
        any::<i64>().prop_map(NodeKind::Ttl),
    ]
}

/// What may stand in a multi.
fn change() -> impl Strategy<Value = Txn> {
    prop_oneof![
        (path(), data(), acl(), kind()).prop_map(|(path, data, acl, kind)| Txn::Create {
            path,
            data,
            acl,
            kind,
        }),
        path().prop_map(|path| Txn::Delete { path }),
        (path(), data()).prop_map(|(path, data)| Txn::SetData { path, data }),
        (path(), acl()).prop_map(|(path, acl)| Txn::SetAcl { path, acl }),
    ]
}

fn txn() -> impl Strategy<Value = Txn> {
    prop_oneof![
        any::<i32>().prop_map(|timeout_ms| Txn::CreateSession { timeout_ms }),
        Just(Txn::CloseSession),
        change(),
        vec(change(), 0..5).prop_map(Txn::Multi),
    ]
}

prop_compose! {
    fn entry()(numbers in any::<(i64, i64, i64)>(), txn in txn()) -> Entry {
        let (zxid, time_ms, session) = numbers;
        Entry { zxid, time_ms, session, txn }
    }
}

proptest! {
    #[test]
    fn an_entry_is_read_as_it_was_written(entries in vec(entry(), 1..4)) {
        let mut wire = BytesMut::new();
        for entry in &entries {
            let before = wire.len();
            entry.encode(&mut wire);
            prop_assert!(wire.len() - before >= Entry::LEN_MIN);
        }
        let mut input = Decoder::new(wire.freeze());
        for entry in &entries {
            let read: Entry = input.read().unwrap();
            prop_assert_eq!(&read, entry);
        }
        prop_assert_eq!(input.remaining(), 0);
    }

    #[test]
    fn a_cut_entry_is_an_error(entry in entry()) {
        let bytes = entry.to_bytes();
        for len in 0..bytes.len() {
            prop_assert!(Entry::from_bytes(bytes.slice(..len)).is_err(), "{} bytes", len);
        }
    }

    /// What is read from changed bytes is an error, or an entry that can be written and read.
    #[test]
    fn a_changed_entry_is_an_error_or_an_entry(
        entry in entry(), changes in vec((any::<Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = entry.to_bytes().to_vec();
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if let Ok(read) = Entry::from_bytes(bytes.into()) {
            prop_assert_eq!(Entry::from_bytes(read.to_bytes()), Ok(read));
        }
    }

    #[test]
    fn garbage_does_no_harm(bytes in vec(any::<u8>(), 0..200)) {
        drop(Entry::from_bytes(bytes.into()));
    }
}

#[test]
fn the_format_stays() {
    let entry = Entry {
        zxid: 0x0102,
        time_ms: 3,
        session: -1,
        txn: Txn::Multi(vec![
            Txn::Create {
                path: "/a".to_owned(),
                data: None,
                acl: vec![Acl::new(31, "w", "x")],
                kind: NodeKind::Ttl(9),
            },
            Txn::Delete {
                path: "/b".to_owned(),
            },
        ]),
    };
    let expected = concat!(
        "0000000000000102",
        "0000000000000003",
        "ffffffffffffffff",
        "00000007",
        "00000002",
        "00000003",
        "000000022f61",
        "ffffffff",
        "00000001",
        "0000001f",
        "0000000177",
        "0000000178",
        "00000003",
        "0000000000000009",
        "00000004",
        "000000022f62",
    );
    let hex: String = entry
        .to_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(hex, expected);
}

#[test]
fn a_multi_holds_changes_of_znodes_only() {
    for txn in [
        Txn::Multi(Vec::new()),
        Txn::CloseSession,
        Txn::CreateSession { timeout_ms: 1 },
    ] {
        let multi = Txn::Multi(vec![txn]);
        let error = Txn::from_bytes(multi.to_bytes()).unwrap_err();
        assert!(
            error.to_string().contains("a transaction's kind"),
            "{error}"
        );
    }
}

#[test]
fn a_count_beyond_the_bytes_is_refused() {
    for count in [100, i32::MAX] {
        let mut bytes = BytesMut::new();
        7_i32.encode(&mut bytes);
        count.encode(&mut bytes);
        bytes.extend_from_slice(&[0; 64]);
        let error = Txn::from_bytes(bytes.freeze()).unwrap_err();
        assert!(error.to_string().contains("a length of"), "{error}");
    }
}
