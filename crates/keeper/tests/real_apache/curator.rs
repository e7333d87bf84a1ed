//! Curator's recipes, against Apache's server and against the keeper.

use crate::servers::Servers;
use dockeeper_testbed::curator::class_path;
use std::{net::SocketAddr, path::Path, process::Command, time::Duration};

/// Shorter than a session lasts.
const TICK: Duration = Duration::from_millis(500);

#[test]
fn the_recipes_work() {
    let servers = Servers::start(TICK);
    for server in [servers.apache(), servers.keeper()] {
        assert_eq!(run(server), "lock\nleader latch\npath cache\n", "{server}");
    }
    servers.stop();
}

fn run(server: SocketAddr) -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real_apache");
    let output = Command::new("java")
        .args(["-cp", &class_path().unwrap()])
        .arg(tests.join("curator/Recipes.java"))
        .arg(server.to_string())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{server}: {error}");
    String::from_utf8(output.stdout).unwrap()
}
