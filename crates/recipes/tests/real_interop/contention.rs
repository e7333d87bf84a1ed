//! Contenders of another family and ours want the same, for many rounds; a referee sees who is in.

use crate::peer::{Peer, World};
use dockeeper_recipes::{Error, Held, Naming, Options, election, mutex, rwlock, semaphore};
use dockeeper_testbed::{Referee, Testbed, wait::soon};
use dockeeper_zk_client::{Client, Config};
use fastrand::Rng;
use std::{net::SocketAddr, num::NonZeroU32, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::Command,
    sync::watch,
    task::JoinSet,
    time::sleep,
};

/// How many of them contend, each with a session of its own, and how many of ours.
const THEIRS: usize = 3;
const OURS: u64 = 3;

/// How often each of them acquires it. Ours go on for as long.
const ROUNDS: usize = 100;

const PERMITS: NonZeroU32 = NonZeroU32::new(2).unwrap();

/// What is contended for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Recipe {
    Mutex,
    ReadWrite,
    Semaphore,
    Election,
}

/// One of ours, and its connection to the referee.
struct Contender {
    party: String,
    client: Client,
    recipe: Recipe,
    options: Options,
    referee: BufReader<TcpStream>,
}

/// All contend; `program` lacks its arguments.
pub(crate) async fn contend(mut program: Command, recipe: Recipe, naming: Naming) {
    let testbed = Testbed::builder().hosts(0).zookeepers(1);
    let testbed = testbed.start().await.unwrap();
    let servers = testbed.zookeeper().connect_string();
    let referee = Referee::start(std::net::Ipv4Addr::LOCALHOST.into())
        .await
        .unwrap();
    program
        .arg(&servers)
        .arg(referee.address().to_string())
        .args([recipe.name(), recipe.path()])
        .args([THEIRS, ROUNDS].map(|number| number.to_string()));
    let theirs = Peer::start(program).await;
    let (go_on, is_over) = watch::channel(());
    let mut ours = JoinSet::new();
    for number in 0..OURS {
        let config = Config::new(servers.parse().unwrap());
        let contender = Contender {
            party: format!("ours-{number}"),
            client: Client::connect(config),
            recipe,
            options: Options {
                naming,
                data: format!("ours-{number}").into(),
                ..Options::default()
            },
            referee: connect(referee.address()).await,
        };
        ours.spawn(contender.run(number, is_over.clone()));
    }
    drop(is_over);
    theirs.stop().await;
    drop(go_on);
    let rounds: usize = ours.join_all().await.into_iter().sum();

    let verdict = referee.verdict();
    assert_eq!(verdict.violations, [""; 0]);
    assert_eq!(verdict.entries, THEIRS * ROUNDS + rounds);
    println!("{recipe:?}: {rounds} of ours, {verdict:?}");
    // They did contend, rather than come one family after the other.
    assert!(
        rounds >= ROUNDS && verdict.changes >= ROUNDS,
        "{rounds}, {verdict:?}"
    );
    testbed.shutdown().await.unwrap();
}

/// Whoever of the other family comes is told so, whichever came first.
pub(crate) async fn refuse(world: &mut World, theirs: Naming) {
    let World { client, peer, .. } = world;
    let ours = match theirs {
        Naming::Curator => Naming::Kazoo,
        Naming::Kazoo => Naming::Curator,
    };
    let options = |naming| Options {
        naming,
        ..Options::default()
    };
    assert_eq!(peer.ask("lock acquire").await, "ok");
    let refused = soon("a refusal", mutex::acquire(client, "/lock", &options(ours))).await;
    let Err(Error::Foreign { path, naming, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((path.as_str(), naming), ("/lock", ours));
    // One of the same family only waits.
    let options = options(theirs);
    let waiting = mutex::acquire(client, "/lock", &options);
    let release = async { peer.ask("lock release").await };
    let (held, released) = tokio::join!(soon("the lock", waiting), release);
    assert_eq!(released, "ok");
    held.unwrap().release().await.unwrap();
}

async fn connect(referee: SocketAddr) -> BufReader<TcpStream> {
    BufReader::new(TcpStream::connect(referee).await.unwrap())
}

// === impl Recipe ===

impl Recipe {
    fn name(self) -> &'static str {
        match self {
            Self::Mutex => "mutex",
            Self::ReadWrite => "read-write",
            Self::Semaphore => "semaphore",
            Self::Election => "election",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Mutex => "/contest-mutex",
            Self::ReadWrite => "/contest-read-write",
            Self::Semaphore => "/contest-semaphore",
            Self::Election => "/contest-election",
        }
    }
}

// === impl Contender ===

impl Contender {
    /// Contends until the others have finished; how often it was its turn.
    async fn run(mut self, seed: u64, is_over: watch::Receiver<()>) -> usize {
        let mut rng = Rng::with_seed(seed);
        let mut rounds = 0;
        while is_over.has_changed().is_ok() {
            let (held, how) = soon("its turn", self.acquire(rng.bool())).await;
            let (party, token) = (&self.party, held.token());
            let enter = format!("enter {party} {how} {token} -\n");
            self.ask(&enter).await;
            sleep(Duration::from_micros(rng.u64(0..2000))).await;
            self.ask(&format!("leave {token}\n")).await;
            held.release().await.unwrap();
            rounds += 1;
        }
        self.client.close().await;
        rounds
    }

    async fn acquire(&self, is_shared: bool) -> (Held, &'static str) {
        let (client, path, options) = (&self.client, self.recipe.path(), &self.options);
        let (acquired, how) = match self.recipe {
            Recipe::Mutex => (mutex::acquire(client, path, options).await, "alone"),
            Recipe::ReadWrite if is_shared => (
                rwlock::acquire_shared(client, path, options).await,
                "shared",
            ),
            Recipe::ReadWrite => (
                rwlock::acquire_exclusive(client, path, options).await,
                "alone",
            ),
            Recipe::Semaphore => (
                semaphore::acquire(client, path, PERMITS, options).await,
                "2",
            ),
            Recipe::Election => (election::campaign(client, path, options).await, "alone"),
        };
        (acquired.unwrap(), how)
    }

    async fn ask(&mut self, line: &str) {
        self.referee.write_all(line.as_bytes()).await.unwrap();
        let mut answer = String::new();
        soon("the referee", self.referee.read_line(&mut answer))
            .await
            .unwrap();
        assert_eq!(answer, "ok\n", "{line}");
    }
}
