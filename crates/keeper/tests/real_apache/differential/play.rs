//! Carries out a sequence on a server.

use super::{
    TICK, TIMEOUT,
    ask::Ask,
    conn::Session,
    knock::Knock,
    plan::{SESSIONS, Step},
    record::{Heard, Outcome, Reply, normalise},
    seat::Seat,
};
use dockeeper_zk_proto::{create::CreateMode, watch::WatcherEvent};
use std::{collections::HashMap, net::SocketAddr, thread::sleep, time::Duration};

/// An expired session's znode is looked for so many times, a tick apart.
const EXPIRY_LOOKS_MAX: u32 = 100;

struct Player {
    server: SocketAddr,
    /// Where the sequence works; the asks' places are relative to it.
    root: String,
    seats: Vec<Seat>,
    /// The number of every session that there was, by its id.
    numbers: HashMap<i64, i64>,
    /// The last session that was closed.
    ended: Option<Session>,
    /// Watches over the others: it asks nothing itself.
    watcher: Seat,
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
        let mut watcher = Seat::new(server, TIMEOUT);
        // A number more that no other sequence has: the servers may be the same one.
        let top = format!("/seq-{seed}-{:016x}", fastrand::u64(..));
        // The root has a parent of its own, whose count of creations numbers the root's siblings.
        let root = format!("{top}/root");
        let quotas = [&top, &root].map(|path| format!("/zookeeper/quota{path}"));
        for path in [&top, &root, &format!("{root}-live")]
            .into_iter()
            .chain(&quotas)
        {
            watcher.create(path, CreateMode::Persistent);
        }
        let mut player = Self {
            server,
            root,
            seats: Vec::new(),
            numbers: HashMap::new(),
            ended: None,
            watcher,
        };
        for _ in 0..SESSIONS {
            let seat = player.seat();
            player.seats.push(seat);
        }
        player
    }

    fn seat(&mut self) -> Seat {
        let mut seat = Seat::new(self.server, TIMEOUT);
        let number = i64::try_from(self.numbers.len()).unwrap() + 1;
        self.numbers.insert(seat.session.id, number);
        seat.create(&self.marker(&seat.session), CreateMode::Ephemeral);
        seat
    }

    /// An ephemeral znode that tells whether a session lives.
    fn marker(&self, session: &Session) -> String {
        format!("{}-live/{}", self.root, self.numbers[&session.id])
    }

    fn step(&mut self, step: &Step) -> Outcome {
        eprintln!("{step:?}");
        let mut heard = match step {
            Step::Ask(seat, ask) => self.ask(*seat, ask),
            Step::Burst(seat, asks) => self.seats[*seat].ask(asks, &self.root),
            Step::Leave(seat) => {
                self.seats[*seat].leave();
                Vec::new()
            }
            Step::Return(seat, watches) => {
                self.seats[*seat].connect(TIMEOUT);
                self.ask(*seat, &Ask::SetWatches(watches.clone()))
            }
            Step::Move(seat) => {
                self.change_connection(*seat, TIMEOUT);
                Vec::new()
            }
            Step::Knock(seat, knock) => self.knock(*seat, knock),
            Step::Close(seat) => {
                self.seats[*seat].close();
                self.ended = Some(self.replace(*seat).session);
                Vec::new()
            }
            Step::Expire(seat) => {
                self.expire(*seat);
                Vec::new()
            }
        };
        let mut events = self.events();
        for heard in &mut heard {
            self.make_relative(heard);
        }
        if matches!(step, Step::Close(_) | Step::Expire(_)) {
            // A session's znodes end in no order.
            for events in &mut events {
                events.sort_by(|a, b| a.path.cmp(&b.path));
            }
        }
        Outcome { heard, events }
    }

    fn ask(&mut self, seat: usize, ask: &Ask) -> Vec<Heard> {
        let mut heard = self.seats[seat].ask(std::slice::from_ref(ask), &self.root);
        let is_closed = is_closed(&mut self.seats[seat], ask);
        if let Some(Heard::Reply(Reply::Refused(_, closed))) = heard.last_mut() {
            *closed = is_closed;
        }
        if is_closed {
            self.seats[seat].connect(TIMEOUT);
        }
        heard
    }

    fn knock(&mut self, seat: usize, knock: &Knock) -> Vec<Heard> {
        let lives = &self.seats[seat].session;
        let welcome = knock.carry_out(self.server, lives, self.ended.as_ref());
        if knock.is_attack() {
            self.seats[seat].connect(TIMEOUT);
        }
        vec![Heard::Welcome(welcome)]
    }

    /// A session goes on with another connection; that ends the one that it had.
    fn change_connection(&mut self, seat: usize, timeout: Duration) {
        let before = self.seats[seat].connect(timeout);
        let mut before = before.expect("who moves is there");
        while before.receive().is_some() {}
    }

    fn expire(&mut self, seat: usize) {
        // A resumed session has the time-out of its last handshake.
        self.change_connection(seat, TICK);
        // From here on nothing touches the session: the seat is another's.
        let expiring = self.replace(seat);
        let marker = self.marker(&expiring.session);
        drop(expiring);
        for _ in 0..EXPIRY_LOOKS_MAX {
            if self.watcher.exists(&marker) == Some(false) {
                return;
            }
            for seat in &mut self.seats {
                seat.exists("/");
            }
            sleep(TICK);
        }
        panic!("a session that nothing is heard of does not expire");
    }

    /// Gives a seat to a new session.
    fn replace(&mut self, seat: usize) -> Seat {
        let fresh = self.seat();
        std::mem::replace(&mut self.seats[seat], fresh)
    }

    /// The events that have come to each session.
    fn events(&mut self) -> Vec<Vec<WatcherEvent>> {
        self.watcher.exists("/");
        let root = &self.root;
        let all = self.seats.iter_mut().map(|seat| {
            let mut events = seat.events();
            for event in &mut events {
                event.path = event.path.replace(root, "");
            }
            events
        });
        all.collect()
    }

    fn make_relative(&self, heard: &mut Heard) {
        match heard {
            Heard::Event(event) => event.path = event.path.replace(&self.root, ""),
            Heard::Reply(Reply::Answer(body, _)) => body.relative_to(&self.root),
            Heard::Reply(_) | Heard::Welcome(_) => {}
        }
    }
}

/// Whether a request has ended its connection, as some refusals do.
fn is_closed(seat: &mut Seat, ask: &Ask) -> bool {
    // Behind an operation that it does not know, Apache's server closes the connection in its own
    // time.
    let looks = if matches!(ask, Ask::Odd(..)) { 10 } else { 1 };
    (0..looks).any(|look| {
        sleep(Duration::from_millis(look));
        seat.exists("/").is_none()
    })
}
