use super::{dockeeper, run};
use std::net::{TcpListener, TcpStream};

#[test]
fn what_is_quoted_does_not_steer_the_terminal() {
    let ended = run(&["zk", "rm", "/a\u{1b}[2J\u{7}/"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("/a\\u{1b}[2J\\u{7}/"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_wrong_command_line_has_a_code_of_its_own() {
    for arguments in [
        &[][..],
        &["nothing"],
        &["ps", "--nothing"],
        &["ps", "-o", "yaml"],
        &["ps", "--node", "a/b"],
        &["ps", "--timeout", "0"],
        &["ps", "--timeout", "soon"],
        &["ps", "--zk", ""],
        &["ps", "--zk", "a:b"],
        &["ps", "--zk", "zk1", "--zk-auth", "nocolon"],
        &["ps", "--zk", "zk1", "--log-level", "a=b=c"],
        &["ps", "--zk", "zk1", "--log-level", "bogus,,x="],
        &["discover"],
        &["inspect"],
        &["watch", "volumes"],
        &["maintenance", "on", "--node", "h1"],
        &["maintenance", "on", "--reason", "x"],
        &["maintenance", "on", "--reason", " ", "--node", "h1"],
        &["maintenance", "off", "--node", "h1", "--service", "web"],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{arguments:?}");
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_missing_address_is_asked_for() {
    for arguments in [
        &["agent"][..],
        &["maintenance", "on", "--node", "h1", "--reason", "repair"],
        &["zk", "rm", "/a"],
        &["zk", "set", "/a", "x"],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(
            ended.stderr.contains("where is ZooKeeper?"),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.contains("DOCKEEPER_ZK"), "{}", ended.stderr);
    }
}

#[test]
fn what_only_reads_looks_at_this_machines_own_keeper() {
    let is_there = TcpStream::connect("127.0.0.1:2181").is_ok();
    for arguments in [
        &["ps"][..],
        &["doctor", "--no-docker"],
        &["watch", "nodes"],
        &["maintenance", "ls"],
        &["zk", "ls", "/"],
    ] {
        let ended = run(&[arguments, &["--timeout", "300ms"]].concat());
        if is_there {
            // Somebody's own: it is asked, whatever it answers.
            assert_ne!(ended.code, Some(2), "{}", ended.stderr);
            continue;
        }
        assert_eq!(ended.code, Some(4), "{arguments:?}: {}", ended.stderr);
        let last = ended.stderr.lines().last().unwrap();
        assert!(last.starts_with("127.0.0.1:2181, where"), "{last}");
        assert!(last.contains("DOCKEEPER_ZK"), "{last}");
    }
}

#[test]
fn a_wrong_address_says_what_is_wrong() {
    let ended = run(&["ps", "--zk", "zk1:2181,zk2:x"]);
    assert!(
        ended.stderr.contains("'zk2:x' has no port"),
        "{}",
        ended.stderr
    );
    let ended = run(&["ps", "--zk", "zk1/a/"]);
    assert!(
        ended.stderr.contains("the chroot is no path"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_foreign_rust_log_is_no_failure() {
    let mut command = dockeeper(&["ps", "--zk", "127.0.0.1:1", "--timeout", "100ms"]);
    let output = command.env("RUST_LOG", "a=b=c").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(stderr.starts_with("warning: RUST_LOG"), "{stderr}");
}

#[test]
fn what_makes_no_sense_for_a_znode_is_refused() {
    let zk = ["--zk", "zk1"];
    for arguments in [
        &["zk"][..],
        &["zk", "get"],
        &["zk", "get", "a"],
        &["zk", "ls", "/a/"],
        &["zk", "ls", "-o", "yaml"],
        &["zk", "set", "/a"],
        &["zk", "set", "/a", "x", "--file", "f"],
        &["zk", "set", "/a", "x", "--version", "-1"],
        &["zk", "create", "a"],
        &["zk", "create", "/a/"],
        &["zk", "create", "/a", "--mode", "ttl"],
        &["zk", "create", "/a", "--ttl", "1h"],
        &["zk", "create", "/a", "--mode", "eternal"],
        &["zk", "create", "/a", "--acl", "world:anyone"],
        &["zk", "create", "/a", "--acl", "world:anyone:z"],
        &["zk", "rm", "/"],
        &["zk", "rm", "-r", "/"],
        &["zk", "rm", "-r", "/a", "--version", "1"],
        &["zk", "export", "a"],
        &["zk", "export", "--container", "a"],
        &["zk", "export", "--ttl", "/a"],
        &["zk", "import"],
        &["migrate"],
        &["migrate", "--from", "zk1"],
        &["migrate", "--from", "zk1", "--to", "zk1/copy"],
        &["migrate", "--from", "zk1", "--to", "zk2", "--path", "a"],
        &[
            "migrate",
            "--from",
            "zk1",
            "--to",
            "zk2",
            "--from-auth",
            "nocolon",
        ],
    ] {
        let ended = run(&[arguments, &zk].concat());
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{arguments:?}");
    }
    for file in ["/none", "/dev/null/x"] {
        let arguments = ["zk", "set", "/a", "--file", file, "--zk", "zk1"];
        let ended = run(&arguments);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(
            ended.stderr.contains(&format!("cannot read {file}")),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn wrong_credentials_name_their_own_option() {
    let migrate = ["migrate", "--from", "zk1", "--to", "zk2"];
    for (option, variable) in [
        ("--from-auth", "DOCKEEPER_FROM_AUTH"),
        ("--to-auth", "DOCKEEPER_TO_AUTH"),
    ] {
        let ended = run(&[&migrate[..], &[option, "nocolon"]].concat());
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        let named = format!("the value of {variable} or {option} is not USER:PASSWORD");
        assert!(ended.stderr.contains(&named), "{}", ended.stderr);
    }
}

#[test]
fn a_tls_file_that_cannot_be_used_is_named() {
    for (arguments, why) in [
        (
            &["--zk-tls-ca", "/none"][..],
            "trusted certificates /none cannot be used",
        ),
        (&["--zk-tls-ca", "/dev/null"], "no certificate in PEM"),
        (&["--zk-tls-cert", "/none"], "without --zk-tls-key"),
        (&["--zk-tls-key", "/none"], "without --zk-tls-cert"),
        (
            &["--zk-tls", "--zk-tls-server-name", "a b"],
            "\"a b\" is neither",
        ),
    ] {
        for command in [&["ps"][..], &["zk", "ls"], &["doctor"]] {
            let ended = run(&[command, &["--zk", "zk1"], arguments].concat());
            assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
            assert!(
                ended.stderr.contains(why),
                "{arguments:?}: {}",
                ended.stderr
            );
        }
    }
}

#[test]
fn a_place_or_a_number_that_makes_no_sense_is_refused_in_plain_words() {
    for (arguments, why) in [
        (
            &["semaphore", "run", "s", "--permits", "0"][..],
            "no whole number from 1",
        ),
        (
            &["semaphore", "run", "s", "--permits", "x"],
            "no whole number from 1",
        ),
        (
            &["lock", "run", "--path", "/zookeeper/locks"],
            "ZooKeeper's own",
        ),
        (&["elect", "run", "--path", "/zookeeper"], "ZooKeeper's own"),
    ] {
        let ended = run(&[arguments, &["--zk", "zk1", "--", "true"]].concat());
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
    }
    // Below a chroot there is nothing of ZooKeeper's own.
    let ended = run(&[
        "lock",
        "show",
        "--path",
        "/zookeeper/x",
        "--zk",
        "127.0.0.1:1/app",
        "--timeout",
        "100ms",
    ]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
}

/// A server that takes connections and never answers.
#[test]
fn waiting_for_a_barrier_is_limited_without_zookeeper_too() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let ended = run(&["barrier", "wait", "b", "--wait", "300ms", "--zk", &address]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("within 300ms"), "{}", ended.stderr);
}
