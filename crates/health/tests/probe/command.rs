//! Commands, with a container engine that is made up.

use std::time::Duration;

use dockeeper_health::exec::ExecOutcome;
use dockeeper_health::probe::{Prober, Tls};
use dockeeper_health::{Check, Exec, Outcome, Probe, Reason, Target};

use crate::assert_fails;

/// Answers by the command's name.
struct FakeExec;

impl Exec for FakeExec {
    async fn exec(
        &self,
        container: &str,
        command: &[String],
        _timeout: Duration,
    ) -> Result<ExecOutcome, String> {
        match command[0].as_str() {
            "echo" => {
                let output = format!("{container} {}", command[1..].join(" "));
                Ok(ExecOutcome {
                    exit_code: 1,
                    output,
                })
            }
            "fail" => Ok(ExecOutcome {
                exit_code: 2,
                output: "\n".to_owned(),
            }),
            "hang" => std::future::pending().await,
            "true" => Ok(ExecOutcome {
                exit_code: 0,
                output: String::new(),
            }),
            _ => Err("no such container".to_owned()),
        }
    }
}

async fn run(command: &[&str]) -> Outcome {
    let command = command
        .iter()
        .map(|&argument| argument.to_owned())
        .collect();
    let target = Target {
        address: ([10, 0, 0, 5], 80).into(),
        name: None,
        container: "web".to_owned(),
    };
    Prober::new(Tls::system(), FakeExec)
        .run(&Check::new(Probe::Command(command)), &target)
        .await
}

#[tokio::test]
async fn the_exit_code_decides() {
    assert_eq!(run(&["true"]).await, Outcome::Pass);
    let outcome = run(&["echo", "$SERVICE_IP:$SERVICE_PORT", "\x1b[31m\nbad"]).await;
    assert_fails(&outcome, &["exited with 1: web 10.0.0.5:80 [31m bad"]);
    let silent = Outcome::Fail(Reason::new("the command exited with 2"));
    assert_eq!(run(&["fail"]).await, silent);
    assert_fails(&run(&["?"]).await, &["the command: no such container"]);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_hangs_is_not_waited_for() {
    assert_fails(
        &run(&["hang"]).await,
        &["not done within the time limit of 10s"],
    );
}
