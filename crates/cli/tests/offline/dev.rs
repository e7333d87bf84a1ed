//! `dockeeper dev`, as far as it goes without Docker.

use crate::run;

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
