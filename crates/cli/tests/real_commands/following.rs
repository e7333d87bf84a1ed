use crate::{
    program,
    world::{World, container},
};
use dockeeper_model::encode;
use dockeeper_zk_client::{Acl, CreateMode, perms};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Stdio},
    thread,
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};

/// For what takes a moment, on a machine with other things to do.
const LIMIT: Duration = Duration::from_secs(30);

/// A command that runs until it is told to end.
pub(crate) struct Following {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
    errors: mpsc::UnboundedReceiver<String>,
}

/// The lines of a command's output, as they come.
fn lines(output: impl Read + Send + 'static) -> mpsc::UnboundedReceiver<String> {
    let (sender, lines) = mpsc::unbounded_channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            drop(sender.send(line.unwrap()));
        }
    });
    lines
}

impl Following {
    pub(crate) fn start(world: &World, arguments: &[&str]) -> Self {
        let mut command = program::dockeeper(arguments);
        command.env("DOCKEEPER_ZK", &world.address);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Self {
            lines: lines(child.stdout.take().unwrap()),
            errors: lines(child.stderr.take().unwrap()),
            child,
        }
    }

    async fn line(&mut self) -> String {
        timeout(LIMIT, self.lines.recv()).await.unwrap().unwrap()
    }

    /// Waits for a line on the standard error that has this text.
    pub(crate) async fn error(&mut self, text: &str) {
        let has_come = async {
            while let Some(line) = self.errors.recv().await {
                if line.contains(text) {
                    return true;
                }
            }
            false
        };
        assert!(timeout(LIMIT, has_come).await.unwrap(), "{text}");
    }

    /// The next line, without its time.
    pub(crate) async fn change(&mut self) -> String {
        let line = self.line().await;
        let (time, change) = line.split_once(' ').unwrap();
        assert!(time.ends_with('Z') && time.len() == 24, "{line}");
        change.to_owned()
    }

    /// Ends it as Ctrl-C does.
    pub(crate) async fn interrupt(self) {
        self.end(Signal::INT, 0).await;
    }

    /// The exit code of one that ends by itself.
    pub(crate) async fn code(mut self) -> Option<i32> {
        let ended = tokio::task::spawn_blocking(move || self.child.wait());
        timeout(LIMIT, ended)
            .await
            .unwrap()
            .unwrap()
            .unwrap()
            .code()
    }

    async fn end(mut self, signal: Signal, code: i32) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
        let status = tokio::task::spawn_blocking(move || self.child.wait());
        assert_eq!(status.await.unwrap().unwrap().code(), Some(code));
        assert_eq!(timeout(LIMIT, self.lines.recv()).await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_printed_as_they_come() {
    let world = World::start().await;
    world.put_node("h1", "10.0.0.1").await;
    world.put_container("h1", "1", None).await;
    let mut watch = Following::start(&world, &["watch", "containers", "--initial"]);
    assert_eq!(watch.change().await, "+ h1/web-1 111111111111 nginx");
    world.put_container("h1", "2", None).await;
    assert_eq!(watch.change().await, "+ h1/web-2 222222222222 nginx");
    let mut paused = container("2", None);
    paused.state = "paused".to_owned();
    let path = format!("/containers/h1/{}", "2".repeat(64));
    world.put(&path, encode(&paused)).await;
    let changed = watch.change().await;
    assert_eq!(
        changed,
        "~ h1/web-2 222222222222 nginx: state running -> paused"
    );
    world.remove(&path).await;
    assert_eq!(watch.change().await, "- h1/web-2 222222222222 nginx");

    // The server goes and comes back with other content.
    let server = world.testbed.zookeeper().server(0);
    server.stop().await.unwrap();
    server.start().await.unwrap();
    server.serving().await.unwrap();
    world.put_container("h1", "3", None).await;
    assert_eq!(watch.change().await, "+ h1/web-3 333333333333 nginx");
    watch.interrupt().await;

    let mut json = Following::start(&world, &["watch", "services", "-o", "json", "--initial"]);
    let mut initial = Vec::new();
    for _ in 0..3 {
        let line: Value = serde_json::from_str(&json.line().await).unwrap();
        assert_eq!(line["change"], "added");
        initial.push(line["item"]["address"].as_str().unwrap().to_owned());
    }
    assert_eq!(initial, ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    world.remove("/services/web/web-1:80").await;
    let line: Value = serde_json::from_str(&json.line().await).unwrap();
    assert_eq!(
        (&line["change"], &line["item"]["id"]),
        (&"removed".into(), &"web-1:80".into())
    );
    assert!(line["timeMs"].as_i64().unwrap() > 1_700_000_000_000);
    json.interrupt().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watched_listing_is_printed_again() {
    let world = World::start().await;
    world.put_node("h1", "10.0.0.1").await;
    let mut watch = Following::start(&world, &["nodes", "--watch", "-o", "name"]);
    assert_eq!(watch.line().await, "h1");
    world.put_node("h2", "10.0.0.2").await;
    for line in ["", "h1", "h2"] {
        assert_eq!(watch.line().await, line);
    }
    // A part of the listing that does not show changes nothing.
    world.put_node("h2", "10.0.0.3").await;
    world.remove("/nodes/h1").await;
    for line in ["", "h2"] {
        assert_eq!(watch.line().await, line);
    }
    watch.interrupt().await;

    // Without an instance a watched discovery waits for the first.
    let mut watch = Following::start(&world, &["discover", "web", "-w", "-o", "name"]);
    world.put_container("h2", "1", None).await;
    let mut line = watch.line().await;
    if line.is_empty() {
        line = watch.line().await;
    }
    assert_eq!(line, "10.0.0.1:80");
    watch.interrupt().await;

    // Another program that ends it hears of it.
    for arguments in [
        &["nodes", "-w", "-o", "name"][..],
        &["watch", "nodes", "--initial"],
    ] {
        let mut watch = Following::start(&world, arguments);
        watch.line().await;
        watch.end(Signal::TERM, 143).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_read_is_named_and_the_rest_is_followed() {
    let world = World::start().await;
    world.put_node("h1", "10.0.0.1").await;
    let acl = vec![Acl::new(perms::ALL, "digest", "x:y")];
    let path = "/nodes/secret";
    let mode = CreateMode::Persistent;
    let created = world.client.create_with_acl(path, "", mode, acl).await;
    created.unwrap();
    let mut watch = Following::start(&world, &["nodes", "--watch", "-o", "name"]);
    assert_eq!(watch.line().await, "h1");
    watch.error("warning: 1 znode left out").await;
    watch
        .error("/nodes/secret: its access control list does not let us read it")
        .await;
    world.put_node("h2", "10.0.0.2").await;
    for line in ["", "h1", "h2"] {
        assert_eq!(watch.line().await, line);
    }
    watch.interrupt().await;
    world.end().await;
}
