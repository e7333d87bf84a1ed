//! `dockeeper zk`: a person looks at a tree and changes it.

use crate::{
    program::{self, Ended},
    world::World,
};
use dockeeper_testbed::wait;
use dockeeper_zk_client::{Acl, Client, Config, CreateMode, perms};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Stdio},
    time::Duration,
};

const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_person_looks_at_a_tree_and_changes_it() {
    let world = World::start().await;
    create(&world).await;
    get_and_set(&world).await;
    stat(&world).await;
    ls(&world).await;
    watch(&world).await;
    ephemeral(&world).await;
    rm(&world).await;
    chroot(&world).await;
    refused(&world).await;
    world.end().await;
}

/// Runs a command that has to succeed; what it prints.
async fn done(world: &World, arguments: &[&str]) -> String {
    let ended = world.run(&[&["zk"], arguments].concat()).await;
    assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    ended.stdout
}

/// Runs a command that has to fail, without a word of data; what it says.
async fn failed(world: &World, arguments: &[&str], code: i32) -> String {
    let Ended {
        code: ended,
        stdout,
        stderr,
    } = world.run(&[&["zk"], arguments].concat()).await;
    assert_eq!(
        (ended, stdout.as_str()),
        (Some(code), ""),
        "{arguments:?}: {stderr}"
    );
    stderr
}

async fn create(world: &World) {
    let orphan = failed(world, &["create", "/a/b"], 3).await;
    assert!(orphan.contains("--parents"), "{orphan}");
    assert_eq!(
        done(world, &["create", "--parents", "/a/b", "x"]).await,
        "/a/b\n"
    );
    let again = failed(world, &["create", "/a/b"], 1).await;
    assert!(again.contains("the node exists already"), "{again}");
    for (mode, created) in [
        ("sequential", "/a/s-0000000001"),
        ("ttl-sequential", "/a/s-0000000002"),
    ] {
        let ttl: &[&str] = if mode == "sequential" {
            &[]
        } else {
            &["--ttl", "1h"]
        };
        let arguments = [&["create", "/a/s-", "--mode", mode], ttl].concat();
        assert_eq!(done(world, &arguments).await, format!("{created}\n"));
    }
    done(world, &["create", "/a/c", "--mode", "container"]).await;
    done(world, &["create", "/a/t", "--mode", "ttl", "--ttl", "1h"]).await;
    let acl = [
        "--acl",
        "world:anyone:ra",
        "--acl",
        "digest:me:aGFzaA==:cdrwa",
    ];
    done(world, &[&["create", "/a/acl"], &acl[..]].concat()).await;
    let shown = done(world, &["stat", "/a/acl", "-o", "json"]).await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let entries = serde_json::json!(["world:anyone:ra", "digest:me:aGFzaA==:cdrwa"]);
    assert_eq!(shown["acl"], entries);
}

async fn get_and_set(world: &World) {
    assert_eq!(done(world, &["get", "/a/b"]).await, "x");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data");
    std::fs::write(&file, "from a file\n").unwrap();
    done(world, &["set", "/a/b", "--file", file.to_str().unwrap()]).await;
    assert_eq!(done(world, &["get", "/a/b"]).await, "from a file\n");
    done(world, &["set", "/a/b", "", "--version", "1"]).await;
    assert_eq!(done(world, &["get", "/a/b"]).await, "");
    let outdated = failed(world, &["set", "/a/b", "y", "--version", "1"], 1).await;
    assert!(outdated.contains("another version"), "{outdated}");
    for command in ["get", "stat", "rm", "ls"] {
        let missing = failed(world, &[command, "/none"], 3).await;
        assert!(
            missing.contains("/none") && missing.contains("no such node"),
            "{missing}"
        );
    }
    failed(world, &["set", "/none", "x"], 3).await;

    // Bytes that are no text, from the standard input.
    let bytes = [0, 255, 10, 13, 128];
    let mut command = program::dockeeper(&["zk", "set", "/a/b", "-"]);
    let command = command.env("DOCKEEPER_ZK", &world.address);
    let mut child = command
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    assert!(child.wait().unwrap().success());
    let mut command = program::dockeeper(&["zk", "get", "/a/b"]);
    let got = command
        .env("DOCKEEPER_ZK", &world.address)
        .output()
        .unwrap();
    assert_eq!(got.stdout, bytes);
}

async fn stat(world: &World) {
    let shown = done(world, &["stat", "/a/b"]).await;
    for line in [
        "path             /a/b",
        "version          3",
        "data length      5",
    ] {
        assert!(shown.contains(&format!("{line}\n")), "{shown}");
    }
    assert!(
        shown.ends_with("acl              world:anyone:cdrwa\n"),
        "{shown}"
    );
}

async fn ls(world: &World) {
    let names = done(world, &["ls", "/a", "-o", "name"]).await;
    assert_eq!(
        names,
        "/a/acl\n/a/b\n/a/c\n/a/s-0000000001\n/a/s-0000000002\n/a/t\n"
    );
    done(world, &["create", "--parents", "/a/b/c/d"]).await;
    let names = done(world, &["ls", "-R", "/a/b", "-o", "name"]).await;
    assert_eq!(names, "/a/b/c\n/a/b/c/d\n");
    let all = done(world, &["ls", "-R", "-o", "name"]).await;
    assert!(all.contains("/a/b/c/d\n/a/c\n"), "{all}");
    assert!(!all.contains("/zookeeper"), "{all}");
    assert!(done(world, &["ls"]).await.contains("/zookeeper "));
    let all = done(world, &["ls", "-R", "/zookeeper", "-o", "name"]).await;
    assert!(all.contains("/zookeeper/config\n"), "{all}");
    let items = done(world, &["ls", "/a", "-o", "json"]).await;
    let items: Value = serde_json::from_str(&items).unwrap();
    assert_eq!(items[1]["path"], "/a/b");
    assert_eq!(
        (&items[1]["dataLen"], &items[1]["numChildren"]),
        (&5.into(), &1.into())
    );
    assert_eq!(items[1]["ephemeralOwner"], Value::Null);
    let table = done(world, &["ls", "/a", "-o", "wide"]).await;
    assert!(table.starts_with("PATH "), "{table}");
    assert_eq!(table.lines().count(), 7);
    let none = world.run(&["zk", "ls", "/a/c"]).await;
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""));
    assert_eq!(none.stderr, "/a/c has no children\n");
}

/// A command that goes on until it is told to end.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    fn start(world: &World, arguments: &[&str]) -> Self {
        let mut command = program::dockeeper(&[&["zk"], arguments].concat());
        let command = command.env("DOCKEEPER_ZK", &world.address);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    /// Waits until it has said something on the standard error.
    fn told(&mut self) -> String {
        let mut line = String::new();
        let stderr = self.child.stderr.take().unwrap();
        BufReader::new(stderr).read_line(&mut line).unwrap();
        line
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    fn end(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

async fn watch(world: &World) {
    let mut one = Running::start(world, &["watch", "/w"]);
    let mut all = Running::start(world, &["watch", "-R", "/w", "-o", "json"]);
    assert_eq!(one.told(), "watching /w\n");
    assert_eq!(all.told(), "watching /w\n");
    for arguments in [
        &["create", "/w"][..],
        &["create", "/w/x"],
        &["set", "/w/x", "1"],
        &["rm", "-r", "/w"],
    ] {
        done(world, arguments).await;
    }
    for expected in ["created /w", "children /w", "children /w", "deleted /w"] {
        let line = one.line();
        let (time, event) = line.trim_end().split_once(' ').unwrap();
        assert!(time.ends_with('Z'), "{line}");
        assert_eq!(event, expected);
    }
    for (event, path) in [
        ("created", "/w"),
        ("created", "/w/x"),
        ("changed", "/w/x"),
        ("deleted", "/w/x"),
        ("deleted", "/w"),
    ] {
        let line: Value = serde_json::from_str(&all.line()).unwrap();
        assert_eq!(
            (&line["event"], &line["path"]),
            (&event.into(), &path.into())
        );
    }
    one.end();
    all.end();
}

async fn ephemeral(world: &World) {
    let mut holder = Running::start(world, &["create", "/e", "--mode", "ephemeral"]);
    assert_eq!(holder.line(), "/e\n");
    let shown = done(world, &["stat", "/e"]).await;
    assert!(shown.contains("ephemeral owner  0x"), "{shown}");
    holder.end();
    let root = Client::connect(Config::new(world.address.parse().unwrap()));
    let gone = wait::until("the znode is gone", LIMIT, async || {
        match root.exists("/e").await.unwrap() {
            None => Ok(()),
            Some(stat) => Err(format!("{stat:?}")),
        }
    });
    gone.await.unwrap();
    root.close().await;
}

async fn rm(world: &World) {
    let full = failed(world, &["rm", "/a"], 1).await;
    assert!(full.contains("-r deletes them too"), "{full}");
    for path in ["/", "/zookeeper", "/zookeeper/quota"] {
        failed(world, &["rm", path], 2).await;
        failed(world, &["rm", "-r", path], 2).await;
    }
    let outdated = failed(world, &["rm", "/a/t", "--version", "7"], 1).await;
    assert!(outdated.contains("another version"), "{outdated}");
    done(world, &["rm", "/a/t", "--version", "0"]).await;
    let ended = world.run(&["zk", "rm", "-r", "/a"]).await;
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(0), "8 znodes deleted\n")
    );
    failed(world, &["rm", "-r", "/a"], 3).await;
}

/// With a chroot, a path is one below it, and so is a name like ZooKeeper's own.
async fn chroot(world: &World) {
    let address = format!("{}/dockeeper", world.address);
    for arguments in [
        &["zk", "create", "/zookeeper", "mine"][..],
        &["zk", "ls", "-R", "/"],
        &["zk", "rm", "/zookeeper"],
    ] {
        let ended = world.run_at(&address, arguments).await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(ended.stdout.contains("/zookeeper"), arguments[1] != "rm");
    }
}

async fn refused(world: &World) {
    let own = world.client.create_with_acl(
        "/secret",
        "x",
        CreateMode::Persistent,
        vec![Acl::new(perms::READ, "digest", "me:aGFzaA==")],
    );
    own.await.unwrap();
    let why = failed(world, &["get", "/dockeeper/secret"], 5).await;
    assert!(why.contains("DOCKEEPER_ZK_AUTH"), "{why}");
    let shown = done(world, &["stat", "/dockeeper/secret"]).await;
    assert!(
        shown.ends_with("acl              not for you to see\n"),
        "{shown}"
    );
    world.remove("/secret").await;
}
