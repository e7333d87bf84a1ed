use super::*;
use crate::server::unsent::Total;
use std::task::{Context, Waker};

/// A connection, and what leaves it.
struct Rig {
    conn: Conn,
    outbox: Arc<Outbox>,
    figures: Figures,
    durable: i64,
}

impl Rig {
    fn new() -> Self {
        let outbox = Arc::new(Outbox::new(&Total::default()));
        let peer = "127.0.0.1:1".parse().unwrap();
        Self {
            conn: Conn::new(Arc::clone(&outbox), peer, 0),
            outbox,
            figures: Figures::default(),
            durable: 0,
        }
    }

    fn push(&mut self, byte: u8, after: i64) {
        self.conn.push(Bytes::from(vec![byte]), after, self.durable);
    }

    fn end_turn(&mut self, last: i64) -> Released {
        self.conn.end_turn(last);
        self.release()
    }

    fn durable(&mut self, zxid: i64) -> Released {
        self.durable = zxid;
        self.release()
    }

    fn release(&mut self) -> Released {
        let now = Duration::from_millis(5);
        self.conn.release(self.durable, now, &mut self.figures)
    }

    /// What has left, and whether it goes on.
    fn sent(&self) -> (Vec<u8>, End) {
        let mut chunks = Chunks::default();
        let (_, end) = self
            .outbox
            .take(&Context::from_waker(Waker::noop()), &mut chunks);
        let mut pieces = [std::io::IoSlice::new(&[]); 100];
        let count = chunks.pieces(&mut pieces);
        let bytes = pieces[..count]
            .iter()
            .flat_map(|piece| piece.iter().copied());
        (bytes.collect(), end)
    }
}

#[test]
fn what_waits_for_the_disk_holds_what_comes_behind_it() {
    let mut rig = Rig::new();
    rig.push(1, 0);
    rig.push(2, 7);
    rig.push(3, 0);
    assert_eq!(rig.end_turn(9), Released::Until(9));
    assert_eq!(rig.sent().0, [1]);
    rig.push(4, 0);
    assert_eq!(rig.end_turn(9), Released::Until(9));
    rig.push(5, 12);
    assert_eq!(rig.end_turn(12), Released::Until(12));
    assert_eq!(rig.durable(8), Released::Until(12));
    assert_eq!(rig.sent().0, [0; 0]);
    assert_eq!(rig.durable(9), Released::Until(12));
    assert_eq!(rig.sent().0, [2, 3, 4]);
    assert_eq!(rig.durable(12), Released::All);
    rig.push(6, 10);
    assert_eq!(rig.end_turn(12), Released::All);
    assert_eq!(rig.sent().0, [5, 6]);
}

#[test]
fn what_is_on_disk_leaves_at_once() {
    let mut rig = Rig::new();
    rig.durable(20);
    rig.push(1, 20);
    assert_eq!(rig.end_turn(20), Released::All);
    assert_eq!(rig.sent(), (vec![1], End::No));
}

#[test]
fn the_end_comes_behind_all_that_was_said() {
    let mut rig = Rig::new();
    rig.push(1, 5);
    rig.conn.end(0, 0);
    assert!(!rig.conn.is_open());
    assert_eq!(rig.end_turn(5), Released::Until(5));
    assert_eq!(rig.sent(), (vec![], End::No));
    assert_eq!(rig.durable(5), Released::All);
    assert_eq!(rig.sent(), (vec![1], End::AfterLast));
}

#[test]
fn requests_count_as_answered_when_their_answers_leave() {
    let mut rig = Rig::new();
    let write = Requests::one(true);
    for number in 1..=3 {
        rig.push(number, i64::from(number));
        rig.conn.answer(write, 10, Duration::from_millis(2));
    }
    rig.end_turn(3);
    let answered = |rig: &Rig| {
        let context = Context::from_waker(Waker::noop());
        rig.outbox.take(&context, &mut Chunks::default()).0
    };
    assert_eq!(answered(&rig), Answered::default());
    rig.durable(3);
    assert_eq!(
        answered(&rig),
        Answered {
            requests: 3,
            bytes: 30
        }
    );
    assert_eq!(
        (rig.figures.writes.count(), rig.figures.writes.max_ms()),
        (3, 3)
    );
    // Even if there was nothing to say.
    rig.conn.answer(Requests::one(false), 10, Duration::ZERO);
    rig.end_turn(3);
    assert_eq!(answered(&rig).requests, 4);
}

#[test]
fn who_does_not_read_is_over() {
    let mut rig = Rig::new();
    let large = Bytes::from(vec![0; 1 << 20]);
    let mut frames = 0;
    while !rig.conn.is_over() {
        rig.conn.push(large.clone(), 0, 0);
        frames += 1;
    }
    // The bound, and the frame that was not taken any more.
    assert_eq!(frames, (super::super::super::limits::UNSENT_MAX >> 20) + 1);
    assert!(!rig.conn.is_open() && rig.conn.is_full());
}
