use super::*;
use crate::naming::Identifier;
use proptest::{collection::btree_map, prelude::*, sample::Index};
use std::collections::BTreeMap;

/// Who is in the line, by number.
type Members = BTreeMap<i32, Role>;

/// A child of this code's making.
fn own_name(naming: Naming, number: i32, role: Role) -> String {
    let identifier = Identifier::new(u128::from(1000 - number.cast_unsigned() % 1000) << 96);
    format!("{}{number:010}", naming.prefix(role, identifier))
}

/// A child of another program's making.
fn name(naming: Naming, number: i32, role: Role) -> String {
    let mark = naming.mark(role);
    match naming {
        // Without a common beginning, so that the order of names is not that of the numbers.
        Naming::Curator if number % 3 == 0 => format!("{mark}{number:010}"),
        Naming::Curator => {
            let id = 1000 - number % 1000;
            format!("_c_{id:08x}-0000-4000-8000-000000000000-{mark}{number:010}")
        }
        Naming::Kazoo => {
            let id = 1000 - number % 1000;
            format!("{id:032x}{mark}{number:010}")
        }
    }
}

/// The obvious rule, said of numbers: whoever came before me and bars me, the last of them.
fn expected(members: &Members, mine: i32) -> Option<i32> {
    let my_role = members[&mine];
    let mut last = None;
    for (number, role) in members {
        let bars = my_role != Role::Read || *role != Role::Read;
        if *number < mine && bars {
            last = Some(*number);
        }
    }
    last
}

fn line(is_read_write: bool, naming: Naming) -> Line {
    if is_read_write {
        Line::read_write(naming)
    } else {
        Line::mutex(naming)
    }
}

proptest! {
    #[test]
    fn everybody_waits_for_the_right_one(
        members in btree_map(0..40_i32, 0..3_u8, 1..12),
        is_read_write: bool,
        is_kazoo: bool,
        is_own: bool,
        pick: Index,
        rotate: Index,
        scale in prop_oneof![Just(1), Just(50_000_000)],
    ) {
        let naming = if is_kazoo { Naming::Kazoo } else { Naming::Curator };
        let role = |kind| match (is_own, is_read_write, kind) {
            (true, _, 0) | (false, false, _) => Role::Lock,
            (_, _, 1) => Role::Read,
            _ => Role::Write,
        };
        let name = if is_own { own_name } else { name };
        let members: Members =
            members.into_iter().map(|(number, kind)| (number * scale, role(kind))).collect();
        let names: BTreeMap<i32, String> =
            members.iter().map(|(number, role)| (*number, name(naming, *number, *role))).collect();
        let mut children: Vec<String> = names.values().cloned().collect();
        let middle = rotate.index(children.len());
        children.rotate_left(middle);

        let mine = *pick.get(&members.keys().copied().collect::<Vec<_>>());
        let position = line(is_read_write, naming).position(&children, &names[&mine]);
        let wanted = match expected(&members, mine) {
            Some(before) => Position::Behind(&names[&before]),
            None => Position::First,
        };
        prop_assert_eq!(position, wanted);
    }

    /// Whatever order contenders leave in, two never hold what only one may hold, and when all that
    /// a contender waited for have gone it is its turn.
    #[test]
    fn a_line_empties_without_two_holders(
        roles in prop::collection::vec(any::<bool>(), 1..10),
        leaving in prop::collection::vec(any::<Index>(), 10),
    ) {
        let line = Line::read_write(Naming::Curator);
        let mut children: Vec<String> = (0..).zip(&roles).map(|(number, is_read)| {
            let role = if *is_read { Role::Read } else { Role::Write };
            name(Naming::Curator, number, role)
        }).collect();
        for leaves in leaving {
            let holders: Vec<&String> = children
                .iter()
                .filter(|child| line.position(&children, child) == Position::First)
                .collect();
            let seats = line.seats(&children).unwrap();
            prop_assert_eq!(holders.len(), line.holders(&seats));
            prop_assert_eq!(holders.is_empty(), children.is_empty());
            let writers = holders.iter().filter(|holder| holder.contains("__WRIT__")).count();
            prop_assert!(writers == 0 || holders.len() == 1, "{:?}", holders);
            if !children.is_empty() {
                let leaves = leaves.index(children.len());
                children.remove(leaves);
            }
        }
    }

    /// Whoever saw another one before it, however long ago, and hears that it went as the first one
    /// and alone, is first: the slow way to know is to list all. Others come and go in between.
    #[test]
    fn whoever_is_passed_the_turn_has_it(
        steps in prop::collection::vec((0..4_u8, any::<Index>(), any::<bool>()), 1..60),
        is_read_write: bool,
    ) {
        let line = line(is_read_write, Naming::Curator);
        let mut children: Vec<String> = Vec::new();
        // What each saw before it when it last looked.
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for (number, (step, pick, is_read)) in (0..).zip(steps) {
            let picked = (!children.is_empty()).then(|| pick.index(children.len()));
            match (step, picked) {
                (0, _) | (_, None) => {
                    let role = match (is_read_write, is_read) {
                        (false, _) => Role::Lock,
                        (true, true) => Role::Read,
                        (true, false) => Role::Write,
                    };
                    children.push(name(Naming::Curator, number, role));
                }
                (1, Some(looks)) => {
                    let mine = &children[looks];
                    if let Position::Behind(before) = line.position(&children, mine) {
                        seen.insert(mine.clone(), before.to_owned());
                    }
                }
                (_, Some(leaves)) => {
                    let leaver = children[leaves].clone();
                    let is_first = line.position(&children, &leaver) == Position::First;
                    children.remove(leaves);
                    if !is_first || leaver.contains("__READ__") {
                        continue;
                    }
                    for mine in &children {
                        if seen.get(mine) == Some(&leaver) {
                            prop_assert_eq!(line.position(&children, mine), Position::First);
                        }
                    }
                }
            }
        }
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_foreign_child_bars_everybody() {
    let line = Line::mutex(Naming::Curator);
    let children = names(&["lock-0000000001", "lock-0000000002", "readme"]);
    for mine in ["lock-0000000001", "lock-0000000002", "lock-0000000009"] {
        assert_eq!(line.position(&children, mine), Position::Foreign("readme"));
    }
    let children = names(&["lock-0000000001", "__READ__0000000002"]);
    let foreign = Position::Foreign("__READ__0000000002");
    assert_eq!(line.position(&children, "lock-0000000001"), foreign);
}

#[test]
fn only_own_children_may_mix_a_mutex_with_a_read_write_lock() {
    let locks = [Line::mutex, Line::read_write];
    for (naming, line) in [Naming::Curator, Naming::Kazoo]
        .into_iter()
        .flat_map(|naming| locks.map(|line| (naming, line(naming))))
    {
        let children = [Role::Read, Role::Lock, Role::Read]
            .iter()
            .zip(1..)
            .map(|(role, number)| own_name(naming, number, *role));
        let mut children: Vec<_> = children.collect();
        assert_eq!(line.position(&children, &children[0]), Position::First);
        let first = Position::Behind(&children[0]);
        assert_eq!(line.position(&children, &children[1]), first);
        let second = Position::Behind(&children[1]);
        assert_eq!(line.position(&children, &children[2]), second);
        // Another program's, which sees only one of the two kinds.
        children.push(name(naming, 4, Role::Read));
        children.push(name(naming, 5, Role::Lock));
        let position = line.position(&children, &children[0]);
        // kazoo's names do not tell a mutex from a writer.
        let is_harmless = naming == Naming::Kazoo && line == Line::read_write(naming);
        assert_eq!(!is_harmless, matches!(position, Position::Foreign(_)));
    }
}

#[test]
fn one_that_is_not_there_is_gone() {
    let children = names(&["lock-0000000001"]);
    let line = Line::mutex(Naming::Curator);
    assert_eq!(line.position(&children, "lock-0000000002"), Position::Gone);
    assert_eq!(line.position(&[], "lock-0000000002"), Position::Gone);
}

#[test]
fn negative_numbers_come_last_and_are_refused() {
    let children = names(&[
        "lock--000000001",
        "lock-2147483646",
        "lock-2147483647",
        "lock--2147483648",
    ]);
    let line = Line::mutex(Naming::Curator);
    let order: Vec<_> = line
        .seats(&children)
        .unwrap()
        .iter()
        .map(|seat| seat.sequence)
        .collect();
    assert_eq!(order, [i32::MAX - 1, i32::MAX, i32::MIN, -1]);
    assert_eq!(line.position(&children, "lock-2147483646"), Position::First);
    for mine in [&children[0], &children[2], &children[3]] {
        assert_eq!(line.position(&children, mine), Position::Exhausted);
    }
}

#[test]
fn a_lease_is_granted_while_there_are_no_more_than_permits() {
    let line = Line::leases();
    let mut children = names(&["lease-0000000001", "lease-0000000005"]);
    let mine = "lease-0000000005";
    assert_eq!(line.permit(&children, mine, 2), Permit::Granted);
    assert_eq!(line.permit(&children, mine, 1), Permit::Waiting);
    assert_eq!(line.permit(&children, "lease-0000000002", 2), Permit::Gone);
    children.push("x".to_owned());
    assert_eq!(line.permit(&children, mine, 9), Permit::Foreign("x"));
}
