//! Commands inside containers.

mod kill;
mod unfinished;

use std::pin::pin;
use std::time::Duration;

use bollard::errors::Error as ClientError;
use bollard::exec::{CreateExecOptions, StartExecResults};
use futures_util::StreamExt;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::{Docker, NOT_FOUND};
use crate::{ContainerId, Error, Exec};

pub(super) use unfinished::Unfinished;

/// How long to wait before asking again for the exit code of a command whose output has ended. The
/// engine closes the output a moment before it notes the end.
const EXIT_CODE_INTERVAL: Duration = Duration::from_millis(10);

/// How often to ask whether a command that ran for too long has ended at last.
const END_INTERVAL: Duration = Duration::from_secs(5);

/// A command to run.
struct Run {
    docker: Docker,
    container: ContainerId,
    command: Vec<String>,
    env: Vec<String>,
    limit: Duration,
}

/// Runs a command inside a container. It runs in a task of its own, which knows when the command
/// has ended, however long its caller waits.
pub(super) async fn run(
    docker: &Docker,
    container: &ContainerId,
    command: &[String],
    env: &[String],
    limit: Duration,
) -> Result<Exec, Error> {
    let slot = docker.unfinished.begin(*container, command)?;
    let run = Run {
        docker: docker.clone(),
        container: *container,
        command: command.to_vec(),
        env: env.to_vec(),
        limit,
    };
    let timed_out = run.timed_out();
    let (told, outcome) = oneshot::channel();
    tokio::spawn(async move {
        run.carry_out(told).await;
        drop(slot);
    });
    // Nobody tells only when the runtime ends.
    outcome.await.unwrap_or(Err(timed_out))
}

// === impl Run ===

impl Run {
    /// Runs the command, tells how it ended or that it did not in time, and returns when it has.
    /// The caller may be gone: it has no use for the outcome then.
    async fn carry_out(self, told: oneshot::Sender<Result<Exec, Error>>) {
        let (exec, opened) = match self.start().await {
            Ok(started) => started,
            Err(error) => {
                let _ = told.send(Err(error));
                return;
            }
        };
        let mut end = pin!(self.end(&exec, opened));
        let (outcome, mut is_read) = match timeout(self.limit, &mut end).await {
            Ok(Ok(ended)) => {
                let _ = told.send(Ok(ended));
                return;
            }
            Ok(Err(error)) => (self.docker.failure(&self.request()).of(error), true),
            Err(_elapsed) => (self.timed_out(), false),
        };
        let _ = told.send(Err(outcome));
        self.stop(&exec).await;
        while self.pid(&exec).await.is_some() {
            // Its output is read on, so that nothing keeps it from ending.
            if is_read {
                sleep(END_INTERVAL).await;
            } else {
                is_read = timeout(END_INTERVAL, &mut end).await.is_ok();
            }
        }
    }

    async fn start(&self) -> Result<(String, StartExecResults), Error> {
        let (docker, request) = (&self.docker, self.request());
        let options = CreateExecOptions {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(self.command.clone()),
            env: Some(self.env.clone()),
            ..Default::default()
        };
        let name = self.container.to_string();
        let exec = docker
            .ask(&request, docker.client.create_exec(&name, options))
            .await?;
        let opened = docker
            .ask(&request, docker.client.start_exec(&exec.id, None))
            .await?;
        Ok((exec.id, opened))
    }

    async fn end(&self, exec: &str, opened: StartExecResults) -> Result<Exec, ClientError> {
        let (output, truncated) = read(opened).await?;
        let exit_code = exit_code(&self.docker, exec).await?;
        Ok(Exec {
            exit_code,
            output,
            truncated,
        })
    }

    /// Ends a command that is not waited for any more, where that can be done.
    async fn stop(&self, exec: &str) {
        if let Some(pid) = self.pid(exec).await
            && let Err(why) = kill::kill(&self.container, pid)
        {
            let (container, command) = (self.container.short(), self.command.first());
            tracing::debug!(container, command, why, "a command runs for too long");
        }
    }

    /// The process of a command; `None` when it has ended. It counts as running while the engine
    /// does not answer.
    async fn pid(&self, exec: &str) -> Option<i64> {
        let request = self.request();
        let asked = self.docker.client.inspect_exec(exec);
        match self.docker.ask(&request, asked).await {
            Ok(answer) if answer.running == Some(false) => None,
            Ok(answer) => Some(answer.pid.unwrap_or(0)),
            Err(Error::Refused {
                status: NOT_FOUND, ..
            }) => None,
            Err(_) => Some(0),
        }
    }

    fn request(&self) -> String {
        format!("run a command in container {}", self.container.short())
    }

    fn timed_out(&self) -> Error {
        Error::ExecTimedOut {
            container: self.container,
            command: self.command.first().cloned().unwrap_or_default(),
            limit: self.limit,
        }
    }
}

/// Reads a command's output to its end and keeps the beginning.
async fn read(opened: StartExecResults) -> Result<(String, bool), ClientError> {
    let mut kept = Vec::new();
    let mut truncated = false;
    if let StartExecResults::Attached { mut output, .. } = opened {
        while let Some(chunk) = output.next().await {
            let chunk = chunk?.into_bytes();
            let room = Exec::OUTPUT_BYTES_MAX - kept.len();
            truncated |= chunk.len() > room;
            kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
    }
    Ok((String::from_utf8_lossy(&kept).into_owned(), truncated))
}

/// Waits until the engine knows how a command ended.
async fn exit_code(docker: &Docker, exec: &str) -> Result<i32, ClientError> {
    loop {
        let answer = docker.client.inspect_exec(exec).await?;
        match answer.exit_code {
            Some(code) if answer.running != Some(true) => return Ok(super::convert::i32(code)),
            _ => sleep(EXIT_CODE_INTERVAL).await,
        }
    }
}
