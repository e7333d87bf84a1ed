//! kazoo's own test suite: what passes against Apache's server passes against the keeper.

use crate::servers::Servers;
use std::{collections::BTreeSet, net::SocketAddr, path::Path, process::Command, time::Duration};

/// Parts of the names of tests that need what neither server is given here: certificates, other
/// servers of an ensemble, SASL, other event loops.
const LEFT_OUT: [&str; 10] = [
    "SSL",
    "Reconfig",
    "ReadOnly",
    "UnorderedXids",
    "sasl",
    "Sasl",
    "gevent",
    "Gevent",
    "eventlet",
    "Eventlet",
];

/// So many pass against Apache's server at least: fewer means that the suite itself did not run.
const PASSED_MIN: usize = 290;

/// Apache's default.
const TICK: Duration = Duration::from_secs(2);

#[test]
fn the_suite_passes_what_it_passes_against_apache() {
    let python = std::env::var("DOCKEEPER_KAZOO_PYTHON");
    let python = python.expect("DOCKEEPER_KAZOO_PYTHON, which `cargo xtask test` sets");
    let servers = Servers::start(TICK);
    let (apache, keeper) = std::thread::scope(|scope| {
        let apache = scope.spawn(|| run(&python, servers.apache()));
        let keeper = scope.spawn(|| run(&python, servers.keeper()));
        (apache.join().unwrap(), keeper.join().unwrap())
    });
    servers.stop();
    let count = apache.passed.len();
    assert!(
        count >= PASSED_MIN,
        "only {count} tests pass against Apache:\n{}",
        apache.log
    );
    let missing: Vec<_> = apache.passed.difference(&keeper.passed).collect();
    assert!(
        missing.is_empty(),
        "not against the keeper: {missing:#?}\n{}",
        keeper.log
    );
}

/// What a run of the suite came to.
struct Outcome {
    passed: BTreeSet<String>,
    log: String,
}

fn run(python: &str, server: SocketAddr) -> Outcome {
    let selection: Vec<_> = LEFT_OUT.iter().map(|part| format!("not {part}")).collect();
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real_apache/kazoo");
    let output = Command::new(python)
        .args([
            "-m",
            "pytest",
            "-p",
            "dockeeper_cluster",
            "-p",
            "no:cacheprovider",
        ])
        .args(["--pyargs", "kazoo.tests", "-rA", "--tb=short", "-k"])
        .arg(selection.join(" and "))
        .env("PYTHONPATH", plugins)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("DOCKEEPER_SERVER", server.to_string())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    let passed = log.lines().filter_map(|line| line.strip_prefix("PASSED "));
    Outcome {
        passed: passed.map(str::to_owned).collect(),
        log: log + &String::from_utf8_lossy(&output.stderr),
    }
}
