//! Another program that takes part: it reads a command a line, and answers with a line.

use dockeeper_testbed::{Testbed, wait::soon};
use dockeeper_zk_client::{Client, Config};
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

/// For what takes milliseconds, or a few seconds on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Peer {
    child: Child,
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

/// A server, and two that are connected to it: a client of ours, and the other program.
pub(crate) struct World {
    testbed: Testbed,
    pub(crate) client: Client,
    pub(crate) peer: Peer,
}

// === impl World ===

impl World {
    /// Starts all three; `program` lacks the address of the server.
    pub(crate) async fn start(mut program: Command) -> Self {
        let builder = Testbed::builder().hosts(0).zookeepers(1);
        let testbed = builder.start().await.unwrap();
        let servers = testbed.zookeeper().connect_string();
        let client = Client::connect(Config::new(servers.parse().unwrap()));
        client.connected(LIMIT).await.unwrap();
        program.arg(servers);
        let peer = Peer::start(program).await;
        Self {
            testbed,
            client,
            peer,
        }
    }

    pub(crate) async fn stop(self) {
        self.peer.stop().await;
        self.testbed.shutdown().await.unwrap();
    }
}

// === impl Peer ===

impl Peer {
    /// Starts the program, which says when it is connected.
    pub(crate) async fn start(mut program: Command) -> Self {
        let mut child = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let commands = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut peer = Self {
            child,
            commands,
            answers,
        };
        assert_eq!(peer.answer("its connection").await, "connected");
        peer
    }

    /// Has it do something; its answer.
    pub(crate) async fn ask(&mut self, command: &str) -> String {
        self.tell(command).await;
        self.answer(command).await
    }

    /// Has it do something while others go on.
    pub(crate) async fn tell(&mut self, command: &str) {
        let line = format!("{command}\n");
        self.commands.write_all(line.as_bytes()).await.unwrap();
    }

    /// The answer to what it was told.
    pub(crate) async fn answer(&mut self, command: &str) -> String {
        let line = soon(command, self.answers.next_line()).await.unwrap();
        line.unwrap_or_else(|| panic!("{command}: the other program has ended, see above"))
    }

    /// Waits until it has done everything.
    pub(crate) async fn stop(self) {
        let Self {
            mut child,
            commands,
            answers,
        } = self;
        drop(commands);
        assert!(soon("its end", child.wait()).await.unwrap().success());
        drop(answers);
    }
}
