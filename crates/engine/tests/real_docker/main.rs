//! The adapter and the watched stream against a real Docker Engine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use dockeeper_engine::{Container, ContainerId, Docker, Engine, docker};
use dockeeper_testbed::{Host, IMAGE, Testbed};

mod calls;
mod watched;

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs for longer than any test.
const SLEEP: [&str; 3] = [IMAGE, "sleep", "9999"];

async fn start() -> (Testbed, Docker) {
    let testbed = Testbed::builder()
        .hosts(1)
        .zookeepers(0)
        .start()
        .await
        .unwrap();
    let engine = connect(testbed.host(0), docker::REQUEST_TIMEOUT);
    (testbed, engine)
}

fn connect(host: &Host, request_timeout: Duration) -> Docker {
    let host = Some(format!("unix://{}", host.docker_socket().display()));
    Docker::new(&docker::Config {
        host,
        request_timeout,
        ..docker::Config::default()
    })
    .unwrap()
}

async fn run(host: &Host, options: &[&str]) -> ContainerId {
    let arguments = [&["run", "--detach", "--init"], options, &SLEEP].concat();
    host.docker(&arguments)
        .await
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

async fn inspect(engine: &Docker, id: ContainerId) -> Container {
    engine.inspect(&id).await.unwrap().unwrap()
}
