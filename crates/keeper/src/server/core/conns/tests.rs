use super::*;
use crate::server::{
    chunks::Chunks,
    limits::{UNSENT_MAX, UNSENT_PAUSE},
    outbox::End,
};
use std::task::{Context, Waker};

const NOW: Now = Now {
    wall_ms: 0,
    mono: Duration::ZERO,
};

/// Connections whose clients read nothing.
struct Rig {
    conns: Conns,
    outboxes: Vec<Arc<Outbox>>,
    total: Total,
}

impl Rig {
    fn new(count: usize) -> Self {
        let total = Total::default();
        let mut conns = Conns::new(0, total.clone());
        let outboxes = (0..count).map(|_| Arc::new(Outbox::new(&total)));
        let outboxes: Vec<_> = outboxes.collect();
        for (id, outbox) in (0..).zip(&outboxes) {
            let peer = "127.0.0.1:1".parse().unwrap();
            conns.open(ConnId(id), peer, Arc::clone(outbox), NOW);
        }
        Self {
            conns,
            outboxes,
            total,
        }
    }

    fn push(&mut self, conn: u64, frame: &Bytes) {
        self.conns.push(Outgoing {
            conn: ConnId(conn),
            after: 0,
            what: Output::Frame(frame.clone()),
        });
    }

    /// Those that are cut off.
    fn shed(&mut self) -> Vec<u64> {
        self.conns.shed();
        std::iter::from_fn(|| self.conns.take_slow().map(|conn| conn.0)).collect()
    }

    fn end_of(&self, conn: usize) -> End {
        let context = Context::from_waker(Waker::noop());
        self.outboxes[conn].take(&context, &mut Chunks::default()).1
    }
}

/// Frames of the same memory: only their lengths count here.
fn frame(len: usize) -> Bytes {
    Bytes::from(vec![0; len])
}

#[test]
fn all_together_are_bounded_also_by_what_came_last() {
    let each = UNSENT_MAX / 2;
    let count = 2 * UNSENT_TOTAL_MAX / each;
    let (mut rig, large) = (Rig::new(count), frame(each));
    let mut cut = Vec::new();
    for conn in 0..count as u64 {
        rig.push(conn, &large);
        // Held back or released, it counts.
        if conn % 2 == 0 {
            rig.conns.end_turn(0, NOW);
        }
        cut.extend(rig.shed());
        assert!(rig.total.get() <= UNSENT_TOTAL_MAX);
    }
    assert_eq!(rig.conns.len() + cut.len(), count);
    assert!(rig.total.get() > UNSENT_TOTAL_LOW - each);
    // Of equals, the oldest.
    cut.sort_unstable();
    assert!(cut.iter().copied().eq(0..cut.len() as u64), "{cut:?}");
    assert_eq!((rig.end_of(0), rig.end_of(count - 1)), (End::Now, End::No));
}

#[test]
fn those_for_which_the_most_is_kept_go_first() {
    let count = UNSENT_TOTAL_MAX / UNSENT_PAUSE;
    let mut rig = Rig::new(count + 2);
    let (small, large) = (frame(UNSENT_PAUSE), frame(4 * UNSENT_PAUSE));
    for conn in 0..count as u64 {
        rig.push(conn, &small);
    }
    assert_eq!(rig.shed(), []);
    rig.push(count as u64, &large);
    let cut = rig.shed();
    assert!(cut.contains(&(count as u64)), "{cut:?}");
    // One that has nothing unsent stays in any case.
    assert!(!cut.contains(&(count as u64 + 1)), "{cut:?}");
}

#[test]
fn what_is_unsent_counts_until_an_ended_connection_has_gone() {
    let mut rig = Rig::new(2);
    rig.push(0, &frame(1000));
    rig.conns.push(Outgoing {
        conn: ConnId(0),
        after: 0,
        what: Output::Close,
    });
    rig.conns.end_turn(0, NOW);
    assert_eq!((rig.end_of(0), rig.conns.len()), (End::AfterLast, 2));
    // Its end is no news to the machine.
    assert!(!rig.conns.remove(ConnId(0)));
    assert!(rig.conns.remove(ConnId(1)));
}
