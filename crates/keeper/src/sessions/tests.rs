use super::*;
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeMap;

const TICK: Duration = Duration::from_millis(100);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn a_session_lives_up_to_a_tick_longer() {
    let mut sessions = Sessions::new(TICK, 10);
    sessions.begin(1, 250, ms(40));
    sessions.begin(2, 250, ms(50));
    assert_eq!(sessions.due(ms(299)), []);
    assert_eq!(sessions.due(ms(300)), [1], "290 rounded up");
    assert_eq!(sessions.due(ms(399)), [1], "300 is rounded up too");
    assert_eq!(sessions.due(ms(400)), [1, 2]);
    assert!(sessions.touch(1, ms(399)));
    assert_eq!(sessions.due(ms(400)), [2]);
    assert!(sessions.end(2).is_some());
    assert_eq!(sessions.due(ms(699)), []);
    assert_eq!(sessions.due(ms(700)), [1]);
    let ends: Vec<_> = sessions.by_deadline().collect();
    assert_eq!(ends, [(ms(700), &[1][..])]);
}

#[test]
fn a_session_moves_from_connection_to_connection() {
    let mut sessions = Sessions::new(TICK, 10);
    let (first, second) = (ConnId(1), ConnId(2));
    assert_eq!(sessions.attach(1, first, 100, ms(0)), None);
    sessions.begin(1, 100, ms(0));
    let before = |attached: Option<Attached>| attached.unwrap().before;
    assert_eq!(before(sessions.attach(1, first, 100, ms(0))), None);
    assert_eq!(before(sessions.attach(1, first, 100, ms(0))), None);
    assert_eq!(before(sessions.attach(1, second, 300, ms(0))), Some(first));
    sessions.detach(1, first);
    assert_eq!(sessions.get(1).unwrap().conn, Some(second));
    assert_eq!(sessions.get(1).unwrap().timeout_ms, 300);
    assert_eq!(
        sessions.due(ms(399)),
        [],
        "the time-out is that of the connection"
    );
    sessions.detach(1, second);
    assert_eq!(sessions.get(1).unwrap().conn, None);
}

#[test]
fn there_is_a_most() {
    let mut sessions = Sessions::new(TICK, 2);
    sessions.begin(1, 100, ms(0));
    assert_eq!(sessions.room(), Ok(()));
    sessions.begin(2, 100, ms(0));
    sessions.begin(2, 100, ms(0));
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions.room(), Err(TooMany { max: 2 }));
    sessions.end(1);
    assert_eq!(sessions.room(), Ok(()));
    assert!(sessions.end(1).is_none());
    assert!(!sessions.touch(1, ms(0)));
}

#[derive(Clone, Debug)]
enum Step {
    Begin(i64, i32),
    Touch(i64),
    Attach(i64, i32),
    End(i64),
    Wait(u64),
    EndDue,
}

fn step() -> impl Strategy<Value = Step> {
    let id = 0..8_i64;
    prop_oneof![
        (id.clone(), -50..900_i32).prop_map(|(id, timeout)| Step::Begin(id, timeout)),
        id.clone().prop_map(Step::Touch),
        (id.clone(), 0..900_i32).prop_map(|(id, timeout)| Step::Attach(id, timeout)),
        id.prop_map(Step::End),
        (0..250_u64).prop_map(Step::Wait),
        Just(Step::EndDue),
    ]
}

/// When a session ends: the first multiple of the tick that is later than its time-out.
fn end(now: u64, timeout_ms: i32) -> u64 {
    let over = now + u64::try_from(timeout_ms).unwrap_or(0);
    (0..)
        .map(|tick| tick * 100)
        .find(|end| *end > over)
        .unwrap()
}

proptest! {
    #[test]
    fn does_what_an_obvious_map_does(steps in vec(step(), 0..80)) {
        let mut sessions = Sessions::new(TICK, 3);
        let mut reference: BTreeMap<i64, (i32, u64)> = BTreeMap::new();
        let mut now = 0;
        for step in steps {
            match step {
                Step::Begin(id, timeout) => {
                    sessions.begin(id, timeout, ms(now));
                    reference.insert(id, (timeout, end(now, timeout)));
                }
                Step::Touch(id) => {
                    prop_assert_eq!(sessions.touch(id, ms(now)), reference.contains_key(&id));
                    reference.entry(id).and_modify(|(timeout, ends)| *ends = end(now, *timeout));
                }
                Step::Attach(id, timeout) => {
                    let attached = sessions.attach(id, ConnId(0), timeout, ms(now));
                    prop_assert_eq!(attached.is_some(), reference.contains_key(&id));
                    reference.entry(id).and_modify(|of| *of = (timeout, end(now, timeout)));
                }
                Step::End(id) => {
                    let timeout = sessions.end(id).map(|session| session.timeout_ms);
                    prop_assert_eq!(timeout, reference.remove(&id).map(|(timeout, _)| timeout));
                }
                Step::Wait(time) => now += time,
                Step::EndDue => {
                    for id in sessions.due(ms(now)) {
                        prop_assert!(sessions.end(id).is_some());
                        prop_assert!(reference.remove(&id).unwrap().1 <= now);
                    }
                }
            }
            let mut due = sessions.due(ms(now));
            due.sort_unstable();
            let over = reference.iter().filter(|(_, (_, end))| *end <= now);
            prop_assert_eq!(due, over.map(|(id, _)| *id).collect::<Vec<_>>());
            let mut deadlines: Vec<_> = sessions
                .by_deadline()
                .flat_map(|(end, ids)| ids.iter().map(move |id| (*id, end)))
                .collect();
            deadlines.sort_unstable();
            let ends = reference.iter().map(|(id, (_, end))| (*id, ms(*end)));
            prop_assert_eq!(deadlines, ends.collect::<Vec<_>>());
            for id in 0..8 {
                let end = reference.get(&id).map(|(_, end)| ms(*end));
                prop_assert_eq!(sessions.deadline(id), end);
            }
            prop_assert_eq!(sessions.len(), reference.len());
        }
    }
}
