use crate::{
    holder::{gone, until},
    keeper::Keeper,
};
use serde_json::Value;

#[test]
fn the_exit_code_is_the_commands() {
    let keeper = Keeper::start();
    let run = |line: &[&str]| {
        keeper
            .run(&[&["lock", "run", "x", "--"], line].concat())
            .code
    };
    assert_eq!(run(&["true"]), Some(0));
    assert_eq!(run(&["sh", "-c", "exit 42"]), Some(42));
    assert_eq!(run(&["sh", "-c", "kill -KILL $$"]), Some(137));
    assert_eq!(run(&["/nothing/here"]), Some(127));
    assert_eq!(run(&["/etc/passwd"]), Some(126));
    assert!(keeper.is_free("x"));
    assert_eq!(keeper.run(&["lock", "run", "x"]).code, Some(2));
    assert_eq!(keeper.run(&["lock", "run", "--", "true"]).code, Some(2));
}

#[test]
fn input_and_output_are_passed_through_and_the_lock_is_in_the_environment() {
    let keeper = Keeper::start();
    let mut command = keeper.dockeeper(&["lock", "run", "x", "--", "sh", "-c"]);
    command.arg("cat; echo error >&2; env | grep ^DOCKEEPER_LOCK_ | sort");
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    std::fs::write(&input, "from the input\n").unwrap();
    let output = command.stdin(std::fs::File::open(input).unwrap()).output();
    let output = output.unwrap();
    assert_eq!(output.stderr, b"error\n");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(lines[0], "from the input");
    assert!(lines[1].starts_with("DOCKEEPER_LOCK_NODE=/dockeeper/locks/x/_c_"));
    assert_eq!(lines[2], "DOCKEEPER_LOCK_PATH=/dockeeper/locks/x");
    assert!(lines[3].starts_with("DOCKEEPER_LOCK_SESSION=0x"));
    let token = lines[4].strip_prefix("DOCKEEPER_LOCK_TOKEN=").unwrap();
    assert!(token.parse::<i64>().unwrap() > 0);
}

#[test]
fn waiting_has_a_limit_and_an_exit_code_of_its_own() {
    let keeper = Keeper::start();
    let mut holder = keeper.script(&[], "echo ready; exec sleep 1000");
    assert_eq!(holder.line(), "ready");
    for wait in ["0", "300ms"] {
        let late = keeper.run(&["lock", "run", "x", "--wait", wait, "--", "true"]);
        assert_eq!(late.code, Some(124), "{}", late.stderr);
    }
    let shown = keeper.run(&["lock", "show", "x", "-o", "json"]);
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(shown.as_array().unwrap().len(), 1);
    assert_eq!(shown[0]["isHolder"], true);
    assert_eq!(shown[0]["command"][0], "sh");
    let listed = keeper.run(&["lock", "ls"]);
    let line = listed.stdout.lines().nth(1).unwrap();
    assert!(line.starts_with("x ") && line.ends_with('0'), "{line}");
    holder.signal(rustix::process::Signal::TERM);
    assert_eq!(holder.end().0, Some(143));
    assert!(keeper.is_free("x"));
}

#[test]
fn a_broken_lock_ends_the_command_and_what_it_has_started() {
    let keeper = Keeper::start();
    // In a session of its own, and deaf: only SIGKILL reaches that.
    let script = "setsid sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done' & \
                  echo ready; wait";
    let mut holder = keeper.script(&[], script);
    let (mut first, mut second) = (holder.line(), holder.line());
    if first == "ready" {
        std::mem::swap(&mut first, &mut second);
    }
    let deaf = rustix::process::Pid::from_raw(first.parse().unwrap()).unwrap();
    let broken = keeper.run(&["lock", "break", "x"]);
    assert_eq!(broken.code, Some(0), "{}", broken.stderr);
    assert!(broken.stderr.contains("taken from"), "{}", broken.stderr);
    let (code, stderr) = holder.end();
    assert_eq!(code, Some(125), "{stderr}");
    assert!(stderr.contains("somebody deleted its znode"), "{stderr}");
    gone(deaf);
    assert_eq!(keeper.run(&["lock", "break", "x"]).code, Some(3));
}

#[test]
fn a_session_that_cannot_be_kept_ends_the_command() {
    let mut keeper = Keeper::start();
    let options = ["--session-timeout", "4s"];
    let mut holder = keeper.script(&options, "echo $$; exec sleep 1000");
    let command = holder.pid();
    keeper.kill();
    let (code, stderr) = holder.end();
    assert_eq!(code, Some(125), "{stderr}");
    gone(command);
}

#[test]
fn what_may_not_run_without_zookeeper_is_ended_at_once() {
    let mut keeper = Keeper::start();
    let options = ["--session-timeout", "40s", "--on-suspend", "stop"];
    let script = "trap 'echo cleaned; exit 0' TERM; echo ready; while :; do sleep 0.1; done";
    let mut holder = keeper.script(&options, script);
    assert_eq!(holder.line(), "ready");
    keeper.kill();
    assert_eq!(holder.line(), "cleaned");
    assert_eq!(holder.end().0, Some(125));
}

#[test]
fn readers_share_and_a_semaphore_counts() {
    let keeper = Keeper::start();
    let script = "echo ready; exec sleep 1000";
    let mut reader = keeper.script(&["--shared"], script);
    assert_eq!(reader.line(), "ready");
    let also = ["lock", "run", "x", "--shared", "--wait", "0", "--", "true"];
    assert_eq!(keeper.run(&also).code, Some(0));
    let run = ["lock", "run", "x", "--wait", "0"];
    for alone in [&[][..], &["--exclusive"]] {
        let alone = [&run[..], alone, &["--", "true"]].concat();
        assert_eq!(keeper.run(&alone).code, Some(124));
    }

    let run = ["semaphore", "run", "s", "--permits", "2", "--"];
    let mut holders: Vec<_> = (0..2)
        .map(|_| keeper.hold(&[&run[..], &["sh", "-c", script]].concat()))
        .collect();
    for holder in &mut holders {
        assert_eq!(holder.line(), "ready");
    }
    let third = [
        "semaphore",
        "run",
        "s",
        "--permits",
        "2",
        "--wait",
        "300ms",
        "--",
        "true",
    ];
    assert_eq!(keeper.run(&third).code, Some(124));
    let listed = keeper.run(&["semaphore", "ls", "-o", "json"]);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(listed[0]["holders"].as_array().unwrap().len(), 2);
    for holder in holders.into_iter().chain([reader]) {
        holder.signal(rustix::process::Signal::TERM);
        assert_eq!(holder.end().0, Some(143));
    }
}

#[test]
fn the_next_one_takes_over_when_the_leader_goes() {
    let keeper = Keeper::start();
    let run = [
        "elect",
        "run",
        "e",
        "--",
        "sh",
        "-c",
        "echo ready; exec sleep 1000",
    ];
    let mut leader = keeper.hold(&run);
    assert_eq!(leader.line(), "ready");
    let mut next = keeper.hold(&run);
    until("there are two candidates", || {
        let shown = keeper.run(&["elect", "show", "e", "-o", "name"]);
        shown.stdout.lines().count() == 2
    });
    assert_eq!(keeper.run(&["elect", "resign", "e"]).code, Some(0));
    assert_eq!(next.line(), "ready");
    assert_eq!(leader.end().0, Some(125));
    next.signal(rustix::process::Signal::TERM);
    assert_eq!(next.end().0, Some(143));
}

#[test]
fn a_paused_command_stands_still_until_it_has_to_end() {
    let mut keeper = Keeper::start();
    let options = ["--session-timeout", "8s", "--on-suspend", "pause"];
    // It starts nothing any more: who is stopped while it does is shown as waiting, not as stopped.
    let script = "trap 'echo cleaned; exit 0' TERM; sleep 1000 & echo $$; wait";
    let mut holder = keeper.script(&options, script);
    let command = holder.pid();
    keeper.kill();
    until("the command is stopped", || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", command.as_raw_pid()));
        stat.unwrap().contains(") T ")
    });
    assert_eq!(holder.line(), "cleaned");
    let (code, stderr) = holder.end();
    assert_eq!(code, Some(125), "{stderr}");
    assert!(stderr.contains("the command is paused"), "{stderr}");
}
