//! Probes against real servers on the loopback, good and bad ones.

mod acceptor;
mod command;
mod grpc;
mod http;
mod https;
mod server;
mod tcp;

use std::net::SocketAddr;
use std::time::Duration;

use dockeeper_health::exec::ExecOutcome;
use dockeeper_health::probe::{Prober, Tls};
use dockeeper_health::{Check, Exec, Outcome, Probe, Target};

/// Long enough for any answer, however busy the machine.
const PATIENT: Duration = Duration::from_secs(30);
/// For servers that never answer.
const IMPATIENT: Duration = Duration::from_millis(300);

/// There are no containers here.
struct NoExec;

impl Exec for NoExec {
    async fn exec(
        &self,
        _container: &str,
        _command: &[String],
        _timeout: Duration,
    ) -> Result<ExecOutcome, String> {
        Err("there are no containers".to_owned())
    }
}

async fn run_with(tls: Tls, probe: Probe, address: SocketAddr, timeout: Duration) -> Outcome {
    let check = Check {
        timeout,
        ..Check::new(probe)
    };
    let target = Target {
        address,
        name: None,
        container: String::new(),
    };
    Prober::new(tls, NoExec).run(&check, &target).await
}

async fn run(probe: Probe, address: SocketAddr, timeout: Duration) -> Outcome {
    run_with(Tls::system(), probe, address, timeout).await
}

/// The outcome is a failure whose reason contains each of the words.
#[track_caller]
fn assert_fails(outcome: &Outcome, words: &[&str]) {
    let Outcome::Fail(reason) = outcome else {
        panic!("the probe passed, expected a failure with {words:?}");
    };
    for word in words {
        assert!(reason.as_str().contains(word), "no {word:?} in {reason}");
    }
}
