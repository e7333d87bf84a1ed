//! What the agent's commands do before they talk to anybody.

use super::{dockeeper, program::Ended, run};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Stdio},
};
use tempfile::TempDir;

/// A folder, and the path of something in it.
fn in_folder(name: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name).to_str().unwrap().to_owned();
    (folder, path)
}

fn start(environment: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let (_folder, state) = in_folder("state");
    let mut command = dockeeper(&["agent", "--zk", "127.0.0.1:1", "--socket", "none"]);
    command.args([
        "--node",
        "h1",
        "--address",
        "10.0.0.1",
        "--state-dir",
        &state,
    ]);
    command.args(arguments).envs(environment.iter().copied());
    command.output().unwrap().into()
}

#[test]
fn docker_settings_that_cannot_be_used_have_their_code_and_their_name() {
    let foreign = [("DOCKER_HOST", "foo")];
    let tls = [
        ("DOCKER_HOST", "tcp://127.0.0.1:1"),
        ("DOCKER_TLS_VERIFY", "1"),
        ("DOCKER_CERT_PATH", "/nowhere"),
    ];
    for (environment, arguments, why) in [
        (
            &[][..],
            &["--docker", "bar"][..],
            "error: --docker (DOCKEEPER_DOCKER,",
        ),
        (
            &foreign,
            &["--docker", "bar"],
            "error: --docker (DOCKEEPER_DOCKER,",
        ),
        (&foreign, &[], "error: DOCKER_HOST is \"foo\""),
        (&tls, &[], "error: DOCKER_CERT_PATH is"),
        (&tls[1..2], &[], "error: DOCKER_TLS_VERIFY is"),
    ] {
        let ended = start(environment, arguments);
        assert_eq!(ended.code, Some(6), "{}", ended.stderr);
        assert!(ended.stderr.starts_with(why), "{}", ended.stderr);
    }
}

#[test]
fn a_configuration_file_that_cannot_be_used_is_a_wrong_command_line() {
    let (_folder, file) = in_folder("agent.toml");
    for content in [
        None,
        Some("nod = 'h1'"),
        Some("zk"),
        Some("zk = 'a:b'"),
        Some("zk = 'a'\nzk-auth = 'x'"),
    ] {
        if let Some(content) = content {
            fs::write(&file, content).unwrap();
        }
        for command in [&["agent"][..], &["agent", "leave"]] {
            let arguments = [command, &["--config", &file]].concat();
            let ended = run(&arguments);
            assert_eq!(ended.code, Some(2), "{content:?}: {}", ended.stderr);
        }
    }
}

#[test]
fn leaving_where_nothing_is_leaves_nothing() {
    let (folder, state) = in_folder("none");
    let is_nothing = |arguments: &[&str]| {
        let ended = run(&[&["agent", "leave"], arguments].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(
            ended.stderr.starts_with("nothing to leave"),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.contains(&state), "{}", ended.stderr);
    };
    is_nothing(&["--state-dir", &state]);
    assert!(!Path::new(&state).exists());
    let file = folder.path().join("agent.toml");
    fs::write(&file, format!("state-dir = '{state}'")).unwrap();
    is_nothing(&["--config", file.to_str().unwrap()]);
    assert!(!Path::new(&state).exists());
    // Nor in a directory that is something else's.
    fs::create_dir(&state).unwrap();
    is_nothing(&["--state-dir", &state]);
    assert_eq!(fs::read_dir(&state).unwrap().count(), 0);
    let mut command = dockeeper(&["agent", "leave"]);
    let ended: Ended = command
        .env("DOCKEEPER_STATE_DIR", &state)
        .output()
        .unwrap()
        .into();
    assert!(ended.stderr.contains(&state), "{}", ended.stderr);
}

#[test]
fn an_address_that_nobody_reaches_is_refused() {
    for (address, why) in [
        ("0.0.0.0", "no host's address"),
        ("255.255.255.255", "no host's address"),
        ("ff02::1", "no host's address"),
        ("127.0.0.1", "--advertise-loopback"),
        ("::1", "--advertise-loopback"),
    ] {
        let (_folder, state) = in_folder("state");
        let mut command = dockeeper(&["agent", "--zk", "127.0.0.1:1", "--socket", "none"]);
        command.args(["--node", "h1", "--state-dir", &state]);
        let ended: Ended = command
            .args(["--address", address])
            .output()
            .unwrap()
            .into();
        assert_eq!(ended.code, Some(2), "{address}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("error: --address"),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.contains(why), "{address}: {}", ended.stderr);
    }
}

#[test]
fn a_session_that_no_server_was_told_of_is_kept() {
    let (_folder, state) = in_folder("state");
    let session = Path::new(&state).join("session");
    fs::create_dir(&state).unwrap();
    let password = "0".repeat(32);
    let saved = format!(r#"{{"session_id":"0x5","password":"{password}"}}"#);
    fs::write(&session, saved).unwrap();
    fs::write(Path::new(&state).join("chroot"), "/dockeeper").unwrap();

    // Nobody knows where it is.
    let ended = run(&["agent", "leave", "--state-dir", &state]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("give it with --zk"),
        "{}",
        ended.stderr
    );

    // Somebody is there, and never answers.
    let (connection, mut agent) = waiting(&state);
    kill_process(Pid::from_child(&agent), Signal::INT).unwrap();
    assert_eq!(agent.wait().unwrap().code(), Some(4));
    drop(connection);
    let leave = [
        "agent",
        "leave",
        "--zk",
        "127.0.0.1:1",
        "--timeout",
        "100ms",
    ];
    let ended = run(&[&leave[..], &["--state-dir", &state]].concat());
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(session.exists());
}

#[test]
fn an_agent_that_does_not_leave_is_not_said_to_run_twice() {
    let (_folder, state) = in_folder("state");
    let (_connection, mut agent) = waiting(&state);
    let pid = Pid::from_child(&agent);
    kill_process(pid, Signal::STOP).unwrap();
    let ended = run(&["agent", "leave", "--timeout", "10ms", "--state-dir", &state]);
    kill_process(pid, Signal::KILL).unwrap();
    agent.wait().unwrap();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let expected = format!("the agent (process {}) was told to leave", agent.id());
    assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
}

/// An agent that waits for a ZooKeeper that takes connections and never answers.
fn waiting(state: &str) -> (TcpStream, Child) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let zk = listener.local_addr().unwrap().to_string();
    let mut command = dockeeper(&["agent", "--socket", "none", "--docker", "unix:///nowhere"]);
    command.args([
        "--node",
        "h1",
        "--address",
        "10.0.0.1",
        "--zk",
        &zk,
        "--state-dir",
        state,
    ]);
    let child = command.stderr(Stdio::null()).spawn().unwrap();
    // It holds its state directory, and watches for signals, when it connects.
    let (connection, _) = listener.accept().unwrap();
    (connection, child)
}
