//! `dockeeper zk` with a keeper.

use super::{dockeeper, program::Ended, run, served::Served};
use std::{fs, io::Write, process::Stdio};

/// More than ZooKeeper's servers take by default.
const LONG_LEN: usize = 2_000_000;

#[test]
fn the_servers_limit_decides_how_long_a_request_may_be() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data");
    fs::write(&file, vec![b'x'; LONG_LEN]).unwrap();
    let create = |server: &Served| {
        let address = server.address("listen");
        let file = file.to_str().unwrap();
        run(&["zk", "create", "/n", "--file", file, "--zk", &address])
    };
    let large = Served::start(&["--frame-len-max", "4194304"]);
    let ended = create(&large);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let small = Served::start(&[]);
    let ended = create(&small);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    for part in ["The request had 2000", "jute.maxbuffer"] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
}

#[test]
fn a_missing_address_is_told_before_a_missing_file() {
    let ended = run(&["zk", "import", "/no/such/file"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("where is ZooKeeper?"),
        "{}",
        ended.stderr
    );
}

#[test]
fn an_export_goes_to_a_private_file_or_to_the_standard_output() {
    let server = Served::start(&[]);
    let address = server.address("listen");
    let zk = |arguments: &[&str]| {
        let ended = run(&[&["zk", "--zk", &address], arguments].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended
    };
    zk(&["create", "/n", "x"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f");
    let to_file = zk(&["export", "/n", "--file", file.to_str().unwrap()]);
    assert!(
        to_file.stderr.starts_with("1 znode exported"),
        "{}",
        to_file.stderr
    );
    let to_stdout = zk(&["export", "/n", "--file", "-"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), to_stdout.stdout);
    assert!(to_stdout.stdout.contains("\"/n\""), "{}", to_stdout.stdout);

    let mut import = dockeeper(&["zk", "--zk", &address, "import", "-"]);
    let import = import.stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut import = import.stdout(Stdio::piped()).spawn().unwrap();
    import.stdin.take().unwrap().write_all(b"\n").unwrap();
    let ended = Ended::from(import.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("no line"), "{}", ended.stderr);
}
