//! Runs the machine's own programs (`ip`, `iptables`, `docker`, ...) to their end.

use std::{
    io::Write,
    os::unix::process::CommandExt,
    process::{Command as BlockingCommand, Output, Stdio},
    time::Duration,
};

use tokio::{process::Command, time::timeout};

use crate::error::{Error, Result};

/// Away from the terminal's process group: a person who presses Ctrl-C means the caller, and what
/// the caller runs to clean up must not die of it.
const OWN_GROUP: i32 = 0;

/// Runs a command and returns its standard output without the line break at its end.
pub(crate) async fn run(command: &mut Command, limit: Duration) -> Result<String> {
    let line = describe(command.as_std());
    command.stdin(Stdio::null()).kill_on_drop(true);
    command.process_group(OWN_GROUP);
    match timeout(limit, command.output()).await {
        Ok(output) => judge(line, output),
        Err(_) => Err(Error::Timeout {
            what: line,
            limit,
            last: "it still runs".into(),
        }),
    }
}

/// Makes `ip` run a batch of its commands, in a named network namespace or the machine's own.
///
/// It blocks for some milliseconds, so that it serves in a `Drop` as well.
pub(crate) fn ip(namespace: Option<&str>, batch: &str) -> Result<()> {
    let mut command = BlockingCommand::new("ip");
    if let Some(name) = namespace {
        command.args(["-n", name]);
    }
    command.args(["-batch", "-"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(OWN_GROUP);
    let line = describe(&command);
    let output = command.spawn().and_then(|mut child| {
        let mut stdin = child.stdin.take().expect("it was asked for above");
        let written = stdin.write_all(batch.as_bytes());
        drop(stdin);
        let output = child.wait_with_output()?;
        // One that ended before it had read everything says itself why.
        match written {
            Err(error) if output.status.success() => Err(error),
            _ => Ok(output),
        }
    });
    judge(line, output).map(drop)
}

fn judge(command: String, output: std::io::Result<Output>) -> Result<String> {
    match output {
        Err(error) => Err(Error::Run { command, error }),
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()),
        Ok(Output { status, stderr, .. }) => {
            let stderr = String::from_utf8_lossy(&stderr).trim_end().to_owned();
            Err(Error::Command {
                command,
                status,
                stderr,
            })
        }
    }
}

/// The command line as one would type it.
pub(crate) fn describe(command: &BlockingCommand) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_error_carries_the_command_and_its_complaint() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo oh no >&2; exit 3"]);
        let text = run(&mut command, Duration::from_secs(5))
            .await
            .unwrap_err()
            .to_string();
        assert!(
            text.starts_with("`sh -c") && text.ends_with("(exit status: 3): oh no"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn a_command_has_a_process_group_of_its_own() {
        let mut command = Command::new("sh");
        // The fifth field is the group: proc_pid_stat(5).
        command.args(["-c", "cut -d' ' -f5 /proc/$$/stat"]);
        let theirs = run(&mut command, Duration::from_secs(5)).await.unwrap();
        let ours = rustix::process::getpgrp().as_raw_nonzero().to_string();
        assert_ne!(theirs, ours);
    }

    #[tokio::test]
    async fn a_command_that_hangs_is_ended_at_the_limit() {
        let mut command = Command::new("sleep");
        let result = run(command.arg("60"), Duration::from_millis(50)).await;
        assert!(matches!(result, Err(Error::Timeout { .. })), "{result:?}");
    }
}
