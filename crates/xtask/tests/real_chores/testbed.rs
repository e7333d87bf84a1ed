//! `cargo xtask testbed` gives a person what it says.

use crate::chore::{Chore, Ended, assert_gone};
use dockeeper_testbed::{Layout, record::Record, wait};
use rustix::process::Signal;
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    process::{Command, Output},
    time::{Duration, SystemTime},
};

const LIMIT: Duration = Duration::from_secs(60);

/// What `up` has printed: the testbed, and the lines that can be typed.
struct Printed {
    layout: Layout,
    export: String,
    lines: Vec<String>,
    /// What there was of an agent's own things before.
    before: OwnThings,
}

/// The folders where an agent keeps its things that nobody told otherwise, and when something was
/// last made or removed there: the machine may have an agent of its own.
type OwnThings = [Option<SystemTime>; 2];

fn own_things() -> OwnThings {
    ["/var/lib/dockeeper", "/run/dockeeper"].map(|place| {
        let found = fs::metadata(place);
        found.ok().map(|found| found.modified().unwrap())
    })
}

impl Printed {
    fn read(up: &Ended, before: OwnThings) -> Self {
        assert_eq!(up.status.code(), Some(0), "{}", up.stderr);
        let name = up.stdout.split([' ', ',']).nth(1).unwrap();
        let mut records = Record::all().unwrap().into_iter();
        let record = records.find(|record| record.layout.name() == name).unwrap();
        let typed = up.stdout.lines().filter_map(|line| line.strip_prefix("  "));
        let mut lines: Vec<_> = typed.map(str::to_owned).collect();
        let begin = lines.iter().position(|line| line.starts_with("export "));
        let mut lines = lines.split_off(begin.unwrap());
        let export = lines.remove(0);
        // The last one ends it all.
        assert!(lines.pop().unwrap().ends_with(&format!("down {name}")));
        Self {
            layout: record.layout,
            export,
            lines,
            before,
        }
    }

    /// Types one of the lines, again until it succeeds: what it asks for may take its time.
    async fn succeeds(&self, line: &str) -> String {
        let probe = async || {
            let output = self.type_in(line);
            let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            match output.status.success() {
                true => Ok(said(&output.stdout)),
                false => Err(said(&output.stderr)),
            }
        };
        wait::until(line.to_owned(), LIMIT, probe).await.unwrap()
    }

    fn type_in(&self, line: &str) -> Output {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{}\n{line}", self.export)]);
        // As in a shell of a person who works with another cluster.
        shell.env("DOCKEEPER_NODE", "").env("DOCKER_HOST", "");
        shell.output().unwrap()
    }

    fn down(&self) {
        let ended = Chore::start(&["testbed", "down", &self.layout.name()]).end();
        let expected = format!("{}: removed\n", self.layout.name());
        assert_eq!(ended.stdout, expected, "{}", ended.stderr);
        assert_gone(&self.layout, &ended);
        assert_eq!(own_things(), self.before);
    }
}

#[tokio::test]
async fn agents_run_on_each_host_and_what_is_printed_can_be_typed() {
    let before = own_things();
    let up = Chore::start(&["testbed", "up", "--hosts", "2", "--zk", "1"]).end();
    let printed = Printed::read(&up, before);
    let nodes = printed.succeeds("dockeeper nodes -o name").await;
    assert_eq!(nodes, "h1\nh2\n");
    for line in &printed.lines {
        let said = printed.succeeds(line).await;
        if line.contains("discover") {
            assert!(said.contains("10.77."), "{said}");
        }
        if line.contains("agent leave") {
            assert_eq!(printed.succeeds("dockeeper nodes -o name").await, "h2\n");
        }
    }
    // The agent that was started by hand has its host back.
    printed
        .succeeds("test $(dockeeper nodes -o name | wc -l) = 2")
        .await;
    printed.down();
}

#[tokio::test]
async fn without_agents_it_says_how_to_start_them() {
    let up = ["testbed", "up", "--hosts", "2", "--zk", "1", "--no-agents"];
    let before = own_things();
    let printed = Printed::read(&Chore::start(&up).end(), before);
    for line in &printed.lines {
        printed.succeeds(line).await;
    }
    printed
        .succeeds("test $(dockeeper nodes -o name | wc -l) = 2")
        .await;
    printed.down();
}

#[test]
fn one_that_is_told_to_end_while_it_starts_leaves_nothing() {
    for signals in [&[Signal::HUP][..], &[Signal::INT; 3]] {
        let mut up = Chore::start(&["testbed", "up", "--hosts", "1", "--zk", "1"]);
        let layout = up.testbed();
        for signal in signals {
            up.signal(*signal);
        }
        let ended = up.end();
        assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
        assert!(ended.stderr.contains("ended before"), "{}", ended.stderr);
        assert_gone(&layout, &ended);
    }
}

#[test]
fn what_cannot_be_brought_down_is_said_once() {
    let ended = Chore::start(&["testbed", "down", "dktb999"]).end();
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        ended.stderr.contains("no testbed dktb999"),
        "{}",
        ended.stderr
    );
    // Where the other user can reach it.
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("xtask");
    fs::copy(env!("CARGO_BIN_EXE_dockeeper-xtask"), &program).unwrap();
    let mut other = Command::new("setpriv");
    other
        .args(["--reuid=65534", "--clear-groups", "--"])
        .arg(program);
    let output = other.args(["testbed", "down"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr.matches("run it as root").count(), 1, "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}
