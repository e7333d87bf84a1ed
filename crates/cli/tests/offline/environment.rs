//! Variables of the environment.

use super::{dockeeper, program::Ended};

/// What a command that connects says of an address where nobody listens.
const NOBODY: &str = "127.0.0.1:1";

fn run_in(environment: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let mut command = dockeeper(arguments);
    command.envs(environment.iter().copied());
    command.output().unwrap().into()
}

#[test]
fn an_empty_variable_counts_as_none() {
    let empty = [
        "ADDRESS",
        "CONFIG",
        "DOCKER",
        "INTERNAL",
        "LOG_LEVEL",
        "SESSION_TIMEOUT",
        "STATE_DIR",
        "TIMEOUT",
        "ZK",
        "ZK_AUTH",
        "ZK_TLS",
        "ZK_TLS_CA",
        "ZK_TLS_CERT",
        "ZK_TLS_KEY",
        "ZK_TLS_SERVER_NAME",
    ]
    .map(|name| (format!("DOCKEEPER_{name}"), ""));
    let empty: Vec<_> = empty.iter().map(|(n, v)| (n.as_str(), *v)).collect();
    for (arguments, code) in [
        (&["completions", "bash"][..], 0),
        (&["man"], 0),
        (&["ps", "--zk", NOBODY, "--timeout", "100ms"], 4),
        (&["--zk", NOBODY, "--timeout", "100ms", "ps"], 4),
        (&["doctor", "--no-docker", "--zk", NOBODY], 4),
    ] {
        let ended = run_in(&empty, arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.stderr);
    }
    for arguments in [&["zk", "rm", "/a"][..], &["agent"]] {
        let ended = run_in(&empty, arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(
            ended.stderr.contains("where is ZooKeeper?"),
            "{}",
            ended.stderr
        );
    }
    // An option is not a variable: who writes it means it.
    assert_eq!(run_in(&empty, &["ps", "--zk", ""]).code, Some(2));
    // The help names the variables all the same.
    assert!(run_in(&empty, &["--help"]).stdout.contains("DOCKEEPER_ZK"));
}

#[test]
fn an_option_beats_a_variable_that_makes_no_sense() {
    let senseless = [("DOCKEEPER_ZK", "a:b"), ("DOCKEEPER_TIMEOUT", "soon")];
    let ended = run_in(&senseless, &["ps", "--zk", NOBODY, "--timeout", "100ms"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    let ended = run_in(&senseless, &["ps", "--zk", NOBODY]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("soon"), "{}", ended.stderr);
}

#[test]
fn the_global_options_are_variables_too() {
    let environment = [("DOCKEEPER_ZK", NOBODY), ("DOCKEEPER_TIMEOUT", "150ms")];
    let ended = run_in(&environment, &["ps"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("within 150ms"), "{}", ended.stderr);
    for level in ["bogus", "bogus,,x=", "warn,"] {
        let ended = run_in(&[("DOCKEEPER_LOG_LEVEL", level)], &["ps", "--zk", NOBODY]);
        assert_eq!(ended.code, Some(2), "{level}: {}", ended.stderr);
        assert!(ended.stderr.contains("--log-level"), "{}", ended.stderr);
    }
}

#[test]
fn doctor_finds_docker_as_the_agent_does() {
    let environment = [
        ("DOCKEEPER_ZK", NOBODY),
        ("DOCKEEPER_DOCKER", "unix:///from/variable.sock"),
        ("DOCKER_HOST", "unix:///from/docker.sock"),
    ];
    for (arguments, found) in [
        (&["doctor"][..], "unix:///from/variable.sock"),
        (
            &["doctor", "--docker", "unix:///given.sock"],
            "unix:///given.sock",
        ),
        (&["doctor", "--docker", "foo"], "--docker"),
    ] {
        let ended = run_in(&environment, arguments);
        assert!(ended.stdout.contains(found), "{}", ended.stdout);
        assert!(!ended.stdout.contains("DOCKER_HOST is"), "{}", ended.stdout);
    }
}
