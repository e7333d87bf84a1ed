//! Curator's recipes, against Apache's server and against the keeper.

use crate::servers::Servers;
use std::{net::SocketAddr, path::Path, process::Command, time::Duration};

const JARS: [&str; 9] = [
    "curator-recipes",
    "curator-framework",
    "curator-client",
    "zookeeper",
    "zookeeper-jute",
    "netty-all",
    "slf4j-api",
    "slf4j-nop",
    "guava",
];

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
    let jars = JARS.map(|jar| format!("/usr/share/java/{jar}.jar"));
    for jar in &jars {
        let advice = "install it, or run `cargo xtask test`, which does";
        assert!(Path::new(jar).exists(), "{jar} is missing: {advice}");
    }
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real_apache");
    let output = Command::new("java")
        .args(["-cp", &jars.join(":")])
        .arg(tests.join("curator/Recipes.java"))
        .arg(server.to_string())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{server}: {error}");
    String::from_utf8(output.stdout).unwrap()
}
