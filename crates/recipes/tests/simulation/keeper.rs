//! The keeper's machine behind turmoil's sockets. Its log is what a crash leaves of it.

use bytes::{Bytes, BytesMut};
use dockeeper_keeper::{
    ConnId, Effects, Entry, Input, Machine, Now, Outgoing, Output, Peer, Rules,
};
use dockeeper_zk_proto::{Record, connect::ConnectRequest, frame};
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    net::{IpAddr, Ipv4Addr},
    rc::Rc,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
    task, time,
};
use turmoil::net::{TcpListener, TcpStream};

pub(crate) const NAME: &str = "keeper";
pub(crate) const PORT: u16 = 2181;

/// The shortest session time-out is two of these.
pub(crate) const TICK: Duration = Duration::from_millis(500);

const KEY: [u8; 32] = [7; 32];

/// Often, so that the parents of locks disappear while somebody is about to use them.
const REAP_INTERVAL: Duration = Duration::from_millis(700);

/// How long a sync of the log takes.
const SYNC: Duration = Duration::from_millis(4);

/// What is on the disk, and the server that runs with it.
#[derive(Clone, Default)]
pub(crate) struct Keeper(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    disk: Vec<Entry>,
    core: Option<Core>,
}

struct Core {
    machine: Machine,
    effects: Effects,
    /// What is not on the disk.
    unsynced: Vec<Entry>,
    /// What waits for the disk, and what stands behind it.
    held: VecDeque<Outgoing>,
    connections: BTreeMap<ConnId, mpsc::UnboundedSender<Bytes>>,
    next: u64,
}

// === impl Keeper ===

impl Keeper {
    /// Serves until the host crashes.
    pub(crate) async fn serve(self) -> turmoil::Result {
        self.start();
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
        task::spawn_local(self.clone().tick());
        task::spawn_local(self.clone().sync());
        loop {
            let (stream, peer) = listener.accept().await?;
            task::spawn_local(self.clone().connection(stream, peer.ip()));
        }
    }

    /// A crash: what was not synced is gone.
    pub(crate) fn crash(&self) {
        self.0.borrow_mut().core = None;
    }

    /// Whether a session lives; `None` while there is no server to know it.
    pub(crate) fn has_session(&self, session: i64) -> Option<bool> {
        let state = self.0.borrow();
        let machine = &state.core.as_ref()?.machine;
        Some(machine.sessions().get(session).is_some())
    }

    /// The ephemeral znodes that there are.
    pub(crate) fn ephemerals(&self) -> Vec<String> {
        let state = self.0.borrow();
        let machine = state.core.as_ref().map(|core| &core.machine);
        let owners = machine.into_iter().flat_map(Machine::ephemerals);
        owners.flat_map(|(_, paths)| paths).collect()
    }

    fn start(&self) {
        let mut machine = Machine::new(rules(), KEY);
        let mut state = self.0.borrow_mut();
        for entry in &state.disk {
            machine.replay(entry).unwrap();
        }
        machine.start(now());
        state.core = Some(Core {
            machine,
            effects: Effects::default(),
            unsynced: Vec::new(),
            held: VecDeque::new(),
            connections: BTreeMap::new(),
            next: 1,
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Core) -> T) -> T {
        act(self.0.borrow_mut().core.as_mut().unwrap())
    }

    async fn tick(self) {
        loop {
            time::sleep(TICK).await;
            self.with(|core| {
                core.machine.tick(now(), &mut core.effects);
                core.end_turn();
            });
        }
    }

    async fn sync(self) {
        loop {
            time::sleep(SYNC).await;
            let state = &mut *self.0.borrow_mut();
            let core = state.core.as_mut().unwrap();
            state.disk.append(&mut core.unsynced);
            core.machine.durable(core.machine.last_zxid());
            core.flush();
        }
    }

    /// Carries a connection from its first frame to its end.
    async fn connection(self, stream: TcpStream, ip: IpAddr) {
        let (mut reader, mut writer) = stream.into_split();
        let (out, mut frames) = mpsc::unbounded_channel::<Bytes>();
        let conn = self.with(|core| core.begin(out));
        let writing = async {
            while let Some(frame) = frames.recv().await {
                if writer.write_all(&frame).await.is_err() {
                    return;
                }
            }
        };
        let reading = async {
            let mut input = BytesMut::new();
            let mut is_open = false;
            while matches!(reader.read_buf(&mut input).await, Ok(1..)) {
                while let Ok(Some(frame)) = frame::take(&mut input, frame::LEN_MAX_DEFAULT) {
                    self.take(conn, ip, frame, &mut is_open);
                }
            }
        };
        tokio::select! {
            biased;
            () = reading => {}
            () = writing => {}
        }
        self.with(|core| {
            core.connections.remove(&conn);
            core.handle(Input::Disconnect { conn });
        });
    }

    fn take(&self, conn: ConnId, ip: IpAddr, frame: Bytes, is_open: &mut bool) {
        let input = if std::mem::replace(is_open, true) {
            Input::Frame { conn, frame }
        } else {
            let Ok(request) = ConnectRequest::from_bytes(frame) else {
                return;
            };
            let peer = Peer { ip, x509: None };
            Input::Connect {
                conn,
                peer,
                request,
            }
        };
        self.with(|core| core.handle(input));
    }
}

// === impl Core ===

impl Core {
    fn begin(&mut self, out: mpsc::UnboundedSender<Bytes>) -> ConnId {
        let conn = ConnId(self.next);
        self.next += 1;
        self.connections.insert(conn, out);
        conn
    }

    fn handle(&mut self, input: Input) {
        self.machine.handle(input, now(), &mut self.effects);
        self.end_turn();
    }

    fn end_turn(&mut self) {
        self.unsynced.append(&mut self.effects.entries);
        self.held.extend(self.effects.out.drain(..));
        self.flush();
    }

    /// Lets go of what shows nothing that is not on the disk.
    fn flush(&mut self) {
        let durable = self.machine.durable_zxid();
        while let Some(Outgoing { conn, what, .. }) =
            self.held.pop_front_if(|next| next.after <= durable)
        {
            match what {
                Output::Frame(frame) => {
                    if let Some(connection) = self.connections.get(&conn) {
                        // One that has ended says so itself.
                        drop(connection.send(frame));
                    }
                }
                Output::Close => drop(self.connections.remove(&conn)),
            }
        }
    }
}

fn now() -> Now {
    let mono = turmoil::sim_elapsed().unwrap();
    Now {
        wall_ms: i64::try_from(mono.as_millis()).unwrap(),
        mono,
    }
}

fn rules() -> Rules {
    let tick_ms = i32::try_from(TICK.as_millis()).unwrap();
    Rules {
        tick: TICK,
        session_timeout_min_ms: 2 * tick_ms,
        session_timeout_max_ms: 20 * tick_ms,
        reap_interval: REAP_INTERVAL,
        ..Rules::default()
    }
}
