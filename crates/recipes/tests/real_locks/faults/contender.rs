//! One who contends again and again, in a process of its own.

use crate::{
    clients::{config, connect},
    world::named,
};
use dockeeper_recipes::{Held, Naming, mutex};
use dockeeper_testbed::{Host, Process, wait::soon};
use dockeeper_zk_client::{BootInstant, Client, Config, State};
use fastrand::Rng;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    signal::unix::{SignalKind, signal},
    time::{sleep, timeout},
};

/// What such a process is told by.
const VARIABLE: &str = "DOCKEEPER_CONTENDER";

/// Short, so that sessions expire.
const SESSION: Duration = Duration::from_secs(2);

/// Who contends, for what, and who judges.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) party: usize,
    pub(super) servers: String,
    pub(super) referee: SocketAddr,
    pub(super) lock: String,
    pub(super) naming: Naming,
    pub(super) seed: u64,
}

struct Contender {
    plan: Plan,
    rng: Rng,
    referee: BufReader<TcpStream>,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it is a process of another test, and contends until it is told to end"]
async fn contender() {
    let plan = Plan::read(&std::env::var(VARIABLE).unwrap());
    let mut end = signal(SignalKind::terminate()).unwrap();
    let rng = Rng::with_seed(plan.seed);
    let referee = BufReader::new(TcpStream::connect(plan.referee).await.unwrap());
    let mut contender = Contender { plan, rng, referee };
    let mut client = contender.connect().await;
    loop {
        if matches!(*client.state().borrow(), State::Ended(_)) {
            client = contender.connect().await;
        }
        tokio::select! {
            _ = end.recv() => break,
            () = contender.round(&client) => {}
        }
    }
    // With it goes what the round that was cancelled has left.
    client.close().await;
}

// === impl Plan ===

impl Plan {
    /// Starts a process that follows it.
    pub(super) fn start(&self, host: &Host) -> Process {
        let program = std::env::current_exe().unwrap();
        let naming = match self.naming {
            Naming::Curator => "curator",
            Naming::Kazoo => "kazoo",
        };
        let Self {
            party,
            servers,
            referee,
            lock,
            seed,
            ..
        } = self;
        let text = format!("{party} {servers} {referee} {lock} {naming} {seed}");
        let arguments = [
            "--exact",
            "faults::contender::contender",
            "--ignored",
            "--nocapture",
        ];
        host.spawn(program, &arguments, &[(VARIABLE, &text)])
            .unwrap()
    }

    fn read(text: &str) -> Self {
        let words: Vec<_> = text.split(' ').collect();
        let [party, servers, referee, lock, naming, seed] = words[..] else {
            panic!("{text}");
        };
        Self {
            party: party.parse().unwrap(),
            servers: servers.to_owned(),
            referee: referee.parse().unwrap(),
            lock: lock.to_owned(),
            naming: if naming == "kazoo" {
                Naming::Kazoo
            } else {
                Naming::Curator
            },
            seed: seed.parse().unwrap(),
        }
    }
}

// === impl Contender ===

impl Contender {
    async fn connect(&self) -> Client {
        let config = Config {
            session_timeout: SESSION,
            ..config(&self.plan.servers)
        };
        connect(config).await
    }

    /// Waits for its turn and uses it, or loses patience.
    async fn round(&mut self, client: &Client) {
        let options = named(self.plan.naming);
        let patience = Duration::from_millis(self.rng.u64(20..5000));
        let acquiring = mutex::acquire(client, &self.plan.lock, &options);
        // Out of patience, or out of its session.
        if let Ok(Ok(held)) = timeout(patience, acquiring).await {
            self.hold(&held).await;
            drop(held.release().await);
        }
    }

    /// Uses the resource for as long as it is sure that it may.
    async fn hold(&mut self, held: &Held) {
        let (party, token) = (self.plan.party, held.token());
        let mut verb = "enter";
        for _ in 0..self.rng.u8(1..5) {
            // What it is told may be over when it acts on it: the referee knows.
            let Some(until) = held.standing().borrow().until() else {
                break;
            };
            let until = (until - BootInstant::default()).as_nanos();
            let line = format!("{verb} contender-{party} alone {token} {until}\n");
            if self.ask(&line).await != "ok\n" {
                break;
            }
            verb = "stay";
            sleep(Duration::from_micros(self.rng.u64(0..3000))).await;
        }
        self.ask(&format!("leave {token}\n")).await;
    }

    async fn ask(&mut self, line: &str) -> String {
        self.referee.write_all(line.as_bytes()).await.unwrap();
        let mut answer = String::new();
        soon("the referee", self.referee.read_line(&mut answer))
            .await
            .unwrap();
        answer
    }
}
