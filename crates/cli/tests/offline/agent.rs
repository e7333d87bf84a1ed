//! What the agent's commands do before they talk to anybody.

use super::{dockeeper, program::Ended, run};
use std::{fs, path::Path};
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
        Some("zk-auth = 'x'"),
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
        let zk = ["agent", "leave", "--zk", "127.0.0.1:1"];
        let ended = run(&[&zk, arguments].concat());
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
    let mut command = dockeeper(&["agent", "leave", "--zk", "127.0.0.1:1"]);
    let ended: Ended = command
        .env("DOCKEEPER_STATE_DIR", &state)
        .output()
        .unwrap()
        .into();
    assert!(ended.stderr.contains(&state), "{}", ended.stderr);
}
