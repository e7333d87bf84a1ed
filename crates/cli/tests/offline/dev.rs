//! `dockeeper dev`, as far as it goes without Docker.

use crate::{Ended, dockeeper, run};

#[test]
fn another_zookeeper_is_refused_before_anything_is_made() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let ended = run(&[
        "dev",
        "--zk",
        "127.0.0.1:1",
        "--listen",
        "127.0.0.1:2",
        "--data-dir",
        data.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("names another ZooKeeper"),
        "{}",
        ended.stderr
    );
    assert!(!data.exists());
}

#[test]
fn another_zookeeper_beside_its_own_is_refused_and_so_is_tls() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    for (zk, option, why) in [
        ("127.0.0.1:2,127.0.0.1:1", "--timeout=9s", "127.0.0.1:1"),
        ("127.0.0.1:2", "--zk-tls", "without TLS"),
        ("127.0.0.1:2", "--zk-tls-ca=/none", "without TLS"),
    ] {
        let mut command = dockeeper(&["dev", "--listen", "127.0.0.1:2", "--zk", zk]);
        let command = command.arg(option).arg("--data-dir").arg(&data);
        let ended = Ended::from(command.output().unwrap());
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
    }
    assert!(!data.exists());
}

#[test]
fn several_addresses_are_taken_as_by_the_keeper() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    for (listen, zk, code) in [
        (
            "127.0.0.1:2,127.0.0.1:3",
            "127.0.0.1:4",
            "names another ZooKeeper",
        ),
        ("127.0.0.1:2,localhost:3", "127.0.0.1:2", "write IP:PORT"),
    ] {
        let mut command = dockeeper(&["dev", "--zk", zk, "--data-dir", data.to_str().unwrap()]);
        let command = command.env("DOCKEEPER_KEEPER_LISTEN", listen);
        let ended = Ended::from(command.output().unwrap());
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(code), "{}", ended.stderr);
    }
}
