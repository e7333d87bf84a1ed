//! What a participant does next, by the names below the barrier.

/// The child that says that all are there.
pub(super) const READY: &str = "ready";

/// What an entering participant does, when there is no [`READY`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entering {
    /// All are there: say so.
    Complete,
    /// Wait for [`READY`].
    Wait,
    /// The participant's own znode is not there.
    Gone,
    /// A child belongs to something else.
    Foreign(String),
}

/// What a leaving participant does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    /// It is the only one left: it goes, and takes [`READY`] with it.
    Last,
    /// All have left.
    Over,
    /// It waits until another one has gone, and goes itself before, unless it is the first in
    /// order: that one goes last, so that the others have something to wait for.
    WaitFor { name: String, keeps_own: bool },
    /// Somebody deleted its znode.
    Gone,
    /// A child belongs to something else.
    Foreign(String),
}

/// What follows from the children, sorted, for the participant `own`.
pub(super) fn entering(children: &[String], own: &str, members: usize) -> Entering {
    if let Some(name) = foreign(children) {
        return Entering::Foreign(name);
    }
    let participants = participants(children);
    if !participants.contains(&own) {
        Entering::Gone
    } else if participants.len() >= members {
        Entering::Complete
    } else {
        Entering::Wait
    }
}

/// What follows from the children, sorted, for the participant `own`, whose znode must be there if
/// `is_there`. The algorithm is that of the ZooKeeper manual's "Double Barriers".
pub(super) fn leaving(children: &[String], own: &str, is_there: bool) -> Leaving {
    if let Some(name) = foreign(children) {
        return Leaving::Foreign(name);
    }
    let participants = participants(children);
    if is_there && !participants.contains(&own) {
        return Leaving::Gone;
    }
    match participants.as_slice() {
        [] => Leaving::Over,
        [only] if *only == own => Leaving::Last,
        [first, .., last] if *first == own => Leaving::WaitFor {
            name: (*last).to_owned(),
            keeps_own: true,
        },
        [first, ..] => Leaving::WaitFor {
            name: (*first).to_owned(),
            keeps_own: false,
        },
    }
}

/// A child that no participant made.
pub(super) fn foreign(children: &[String]) -> Option<String> {
    let is_foreign = |name: &&String| *name != READY && !is_uuid(name);
    children.iter().find(is_foreign).cloned()
}

fn participants(children: &[String]) -> Vec<&str> {
    let names = children.iter().map(String::as_str);
    names.filter(|name| *name != READY).collect()
}

/// 32 hexadecimal digits: kazoo writes them as they are, Java in five groups.
fn is_uuid(name: &str) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let is_hex = name.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let lengths = name.split('-').map(str::len);
    is_hex && (name.len() == 32 && !name.contains('-') || lengths.eq(GROUPS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn uuid(number: u128) -> String {
        format!("{number:032x}")
    }

    #[test]
    fn foreign_children_are_named() {
        let java = "0c0ffee0-1234-4abc-8def-0123456789ab".to_owned();
        assert_eq!(foreign(&[READY.to_owned(), uuid(7), java.clone()]), None);
        for name in ["lock-0000000001", "", "0c0ffee0", "ready2", &java[1..]] {
            let children = [uuid(7), name.to_owned()];
            assert_eq!(foreign(&children), Some(name.to_owned()));
            let expected = name.to_owned();
            assert_eq!(
                entering(&children, &uuid(7), 1),
                Entering::Foreign(expected.clone())
            );
            assert_eq!(
                leaving(&children, &uuid(7), true),
                Leaving::Foreign(expected)
            );
        }
    }

    /// One participant inside looks, and does what follows. Those who are done are inside no more.
    fn look(there: &mut BTreeSet<String>, inside: &mut Vec<String>, at: usize) {
        let own = inside[at].clone();
        let children: Vec<_> = there.iter().cloned().collect();
        match leaving(&children, &own, there.contains(&own)) {
            Leaving::Over => {
                assert!(there.is_empty(), "{there:?}");
                inside.remove(at);
            }
            Leaving::Last => {
                assert!(there.remove(&own) && there.is_empty(), "{there:?}");
                inside.remove(at);
            }
            Leaving::WaitFor { name, keeps_own } => {
                assert!(there.contains(&name) && name != own, "{name}");
                if !keeps_own {
                    there.remove(&own);
                }
            }
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        /// Whatever the order in which they look, all leave, and nobody is done while one is there.
        #[test]
        fn everybody_leaves(
            numbers in prop::collection::btree_set(any::<u128>(), 1..8),
            order in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let mut there: BTreeSet<_> = numbers.iter().map(|number| uuid(*number)).collect();
            let mut inside: Vec<_> = there.iter().cloned().collect();
            for index in order {
                if !inside.is_empty() {
                    let at = index.index(inside.len());
                    look(&mut there, &mut inside, at);
                }
            }
            // One turn until only the first in order is there, one in which it goes, one for the
            // others to see it.
            for _ in 0..3 {
                for at in (0..inside.len()).rev() {
                    look(&mut there, &mut inside, at);
                }
            }
            prop_assert_eq!(inside, [""; 0]);
        }

        #[test]
        fn who_completes_the_number_says_so(count in 1_usize..6, members in 1_usize..6) {
            let mut children: Vec<_> = (0..count as u128).map(uuid).collect();
            let expected = if count >= members { Entering::Complete } else { Entering::Wait };
            prop_assert_eq!(entering(&children, &uuid(0), members), expected);
            children.remove(0);
            prop_assert_eq!(entering(&children, &uuid(0), members), Entering::Gone);
        }
    }
}
