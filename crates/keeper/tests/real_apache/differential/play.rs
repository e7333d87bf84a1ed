//! Carries out a sequence on a server.

use super::{
    TICK,
    ask::Ask,
    conn::{Conn, Session},
    plan::{SESSIONS, Step},
    record::{Outcome, Reply, normalise},
};
use dockeeper_zk_proto::{
    OpCode, Record,
    acl::Acl,
    create::{CreateMode, CreateRequest},
    data::ExistsRequest,
};
use std::{collections::HashMap, net::SocketAddr, thread::sleep, time::Duration};

/// No session expires that is not meant to: each is heard of at every step.
const TIMEOUT: Duration = Duration::from_secs(4);

/// An expired session's znode is looked for so many times, a tick apart.
const EXPIRY_LOOKS_MAX: u32 = 100;

struct Player {
    server: SocketAddr,
    /// Where the sequence works; the asks' paths are relative to it.
    root: String,
    seats: Vec<Seat>,
    /// The number of every session that there was, by its id.
    numbers: HashMap<i64, i64>,
    /// Watches over the others: it asks nothing itself.
    watcher: Conn,
}

struct Seat {
    conn: Conn,
    session: Session,
    /// An ephemeral znode that tells whether the session lives.
    marker: String,
}

/// The outcome of each step.
pub(crate) fn run(server: SocketAddr, seed: u64, plan: &[Step]) -> Vec<Outcome> {
    let mut player = Player::new(server, seed);
    let mut outcomes: Vec<_> = plan.iter().map(|step| player.step(step)).collect();
    normalise(&mut outcomes, &player.numbers);
    outcomes
}

impl Player {
    fn new(server: SocketAddr, seed: u64) -> Self {
        let (mut watcher, _) = Conn::open(server, TIMEOUT, None);
        // A number more that no other sequence has: the servers may be the same one.
        let top = format!("/seq-{seed}-{}", fastrand::u64(..));
        // The root has a parent of its own, whose count of creations numbers the root's siblings.
        let root = format!("{top}/root");
        for path in [&top, &root, &format!("{root}-live")] {
            create(&mut watcher, path, CreateMode::Persistent);
        }
        let mut player = Self {
            server,
            root,
            seats: Vec::new(),
            numbers: HashMap::new(),
            watcher,
        };
        for _ in 0..SESSIONS {
            let seat = player.seat();
            player.seats.push(seat);
        }
        player
    }

    fn seat(&mut self) -> Seat {
        let (mut conn, session) = Conn::open(self.server, TIMEOUT, None);
        let session = session.unwrap();
        let number = i64::try_from(self.numbers.len()).unwrap() + 1;
        self.numbers.insert(session.id, number);
        let marker = format!("{}-live/{number}", self.root);
        create(&mut conn, &marker, CreateMode::Ephemeral);
        Seat {
            conn,
            session,
            marker,
        }
    }

    fn step(&mut self, step: &Step) -> Outcome {
        let reply = match step {
            Step::Ask(seat, ask) => self.ask(*seat, ask),
            Step::Reconnect(seat) => {
                self.reconnect(*seat, TIMEOUT);
                Reply::None
            }
            Step::Close(seat) => {
                let reply = self.seats[*seat]
                    .conn
                    .call(OpCode::CloseSession.to_wire(), &[]);
                assert_eq!(reply.unwrap().0.err, 0);
                self.replace(*seat);
                Reply::None
            }
            Step::Expire(seat) => {
                // A resumed session has the time-out of its last handshake.
                self.reconnect(*seat, TICK);
                self.expire(*seat);
                Reply::None
            }
        };
        let mut events = self.events();
        if matches!(step, Step::Close(_) | Step::Expire(_)) {
            // A session's znodes end in no order.
            for events in &mut events {
                events.sort_by(|a, b| a.path.cmp(&b.path));
            }
        }
        Outcome { reply, events }
    }

    fn ask(&mut self, seat: usize, ask: &Ask) -> Reply {
        let conn = &mut self.seats[seat].conn;
        let reply = conn.call(ask.opcode(), &ask.body(&self.root));
        let closed = is_closed(conn, ask);
        if closed {
            self.reconnect(seat, TIMEOUT);
        }
        let Some((header, body)) = reply else {
            return Reply::Closed;
        };
        let mut reply = Reply::read(ask, header, body, closed);
        if let Reply::Answer(body, _) = &mut reply {
            body.relative_to(&self.root);
        }
        reply
    }

    fn reconnect(&mut self, seat: usize, timeout: Duration) {
        let seat = &mut self.seats[seat];
        let (conn, session) = Conn::open(self.server, timeout, Some(&seat.session));
        assert!(session.is_some(), "the server refuses a session that lives");
        seat.conn = conn;
    }

    fn expire(&mut self, seat: usize) {
        let marker = self.seats[seat].marker.clone();
        // The connection that takes its place is a closed one, so that nothing touches the session.
        let fresh = self.seat();
        self.seats[seat] = fresh;
        for _ in 0..EXPIRY_LOOKS_MAX {
            if exists(&mut self.watcher, &marker) == Some(false) {
                return;
            }
            for seat in &mut self.seats {
                exists(&mut seat.conn, "/");
            }
            sleep(TICK);
        }
        panic!("a session that nothing is heard of does not expire");
    }

    fn replace(&mut self, seat: usize) {
        let fresh = self.seat();
        self.seats[seat] = fresh;
    }

    /// The events that have come to each session: an answer comes behind all events before it.
    fn events(&mut self) -> Vec<Vec<dockeeper_zk_proto::watch::WatcherEvent>> {
        exists(&mut self.watcher, "/");
        let root = &self.root;
        self.seats
            .iter_mut()
            .map(|seat| {
                exists(&mut seat.conn, "/");
                let mut events = std::mem::take(&mut seat.conn.events);
                for event in &mut events {
                    event.path = event.path.replace(root, "");
                }
                events
            })
            .collect()
    }
}

fn create(conn: &mut Conn, path: &str, mode: CreateMode) {
    let request = CreateRequest {
        path: path.to_owned(),
        data: None,
        acl: Acl::open(),
        flags: mode.to_wire(),
    };
    let reply = conn.call(OpCode::Create.to_wire(), &request.to_bytes());
    assert_eq!(reply.unwrap().0.err, 0, "create {path}");
}

/// Whether a request has ended its connection, as some refusals do.
fn is_closed(conn: &mut Conn, ask: &Ask) -> bool {
    // Behind an operation that it does not know, Apache's server closes the connection in its own
    // time.
    let looks = if matches!(ask, Ask::Odd(_)) { 10 } else { 1 };
    (0..looks).any(|look| {
        sleep(Duration::from_millis(look));
        exists(conn, "/").is_none()
    })
}

/// Whether a znode is there; `None` when the connection is closed.
fn exists(conn: &mut Conn, path: &str) -> Option<bool> {
    let request = ExistsRequest {
        path: path.to_owned(),
        watch: false,
    };
    let reply = conn.call(OpCode::Exists.to_wire(), &request.to_bytes());
    Some(reply?.0.err == 0)
}
