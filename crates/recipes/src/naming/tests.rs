use super::*;
use proptest::prelude::*;

const ALL: [Role; 5] = [
    Role::Lock,
    Role::Latch,
    Role::Lease,
    Role::Read,
    Role::Write,
];

const UUID: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";

fn curator(name: &str) -> Option<(Role, Option<&str>, i32)> {
    let seat = Naming::Curator.parse(name, &ALL)?;
    assert_eq!(seat.name, name);
    Some((seat.role, seat.identifier, seat.sequence))
}

#[test]
fn reads_the_names_that_curator_writes() {
    for (mark, role) in [
        ("lock-", Role::Lock),
        ("latch-", Role::Latch),
        ("lease-", Role::Lease),
        ("__READ__", Role::Read),
        ("__WRIT__", Role::Write),
    ] {
        let name = format!("_c_{UUID}-{mark}0000000042");
        assert_eq!(curator(&name), Some((role, Some(UUID), 42)));
        // Made without protection.
        assert_eq!(
            curator(&format!("{mark}0000000042")),
            Some((role, None, 42))
        );
    }
    let simple = UUID.replace('-', "");
    let go = format!("_c_{simple}-lock-0000000042");
    assert_eq!(curator(&go), Some((Role::Lock, Some(simple.as_str()), 42)));
}

#[test]
fn reads_the_names_that_kazoo_writes() {
    let id = "00112233445566778899aabbccddeeff";
    let lock = format!("{id}__lock__0000000007");
    let seat = Naming::Kazoo.parse(&lock, &[Role::Lock]).unwrap();
    assert_eq!((seat.identifier, seat.sequence), (Some(id), 7));
    let seat = Naming::Kazoo.parse(&lock, &[Role::Read, Role::Write]);
    assert_eq!(seat.unwrap().role, Role::Write);
    let read = format!("{id}__rlock__0000000007");
    assert_eq!(Naming::Kazoo.parse(&read, &[Role::Lock]), None);
    let seat = Naming::Kazoo.parse(&read, &[Role::Read, Role::Write]);
    assert_eq!(seat.unwrap().role, Role::Read);
}

#[test]
fn the_number_is_signed_and_has_one_notation() {
    for (text, number) in [
        ("0000000000", 0),
        ("2147483647", i32::MAX),
        ("-2147483648", i32::MIN),
        ("-000000001", -1),
    ] {
        let name = format!("lock-{text}");
        assert_eq!(curator(&name), Some((Role::Lock, None, number)));
    }
    for text in [
        "",
        "7",
        "000000007",
        "00000000007",
        "2147483648",
        "+000000007",
        "-0000000001",
        "-000000000",
        "000000000x",
        " 000000007",
    ] {
        assert_eq!(curator(&format!("lock-{text}")), None, "{text}");
    }
}

#[test]
fn a_foreign_name_is_none_of_ours() {
    let kazoo = "00112233445566778899aabbccddeeff__lock__0000000007";
    assert_eq!(curator(kazoo), None);
    let ours = format!("_c_{UUID}-lock-0000000007");
    assert_eq!(Naming::Kazoo.parse(&ours, &ALL), None);
    assert_eq!(Naming::Curator.parse(&ours, &[Role::Latch]), None);
    for name in [
        "",
        "leases",
        "x-lock-0000000007",
        "my-lock-0000000007",
        "_c_-lock-0000000007",
        "_c_00000000-lock-0000000007",
        "größe__lock__0000000007",
        "0011223344556677889ä__lock__0000000007",
        &format!("_c_{UUID}-x-lock-0000000007"),
        &format!("_c_{}-lock-0000000007", UUID.replace('0', "g")),
    ] {
        assert_eq!(curator(name), None, "{name}");
        assert_eq!(Naming::Kazoo.parse(name, &ALL), None, "{name}");
    }
}

#[test]
fn an_identifier_is_a_random_uuid_of_known_make() {
    for (random, text) in [
        (0, "00000000-0000-8000-8000-0d0c00000000"),
        (u128::MAX, "ffffffff-ffff-8fff-bfff-0d0cffffffff"),
    ] {
        assert_eq!(Identifier::new(random).0.hyphenated(), text);
        assert!(Identifier::is_own(text));
    }
    assert!(!Identifier::is_own(UUID));
}

proptest! {
    #[test]
    fn names_are_read_as_they_are_written(random: u128, sequence: i32) {
        let identifier = Identifier::new(random);
        for naming in [Naming::Curator, Naming::Kazoo] {
            for role in ALL {
                let prefix = naming.prefix(role, identifier);
                prop_assert!(prefix.starts_with(&naming.protection(identifier)));
                let name = format!("{prefix}{sequence:010}");
                let seat = naming.parse(&name, &[role]).unwrap();
                prop_assert_eq!((seat.role, seat.sequence), (role, sequence));
                let written = match naming {
                    Naming::Curator => identifier.0.hyphenated(),
                    Naming::Kazoo => identifier.0.simple(),
                };
                prop_assert_eq!(seat.identifier, Some(written.as_str()));
                prop_assert!(seat.is_own());
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(name: String) {
        for naming in [Naming::Curator, Naming::Kazoo] {
            naming.parse(&name, &ALL);
        }
    }
}
