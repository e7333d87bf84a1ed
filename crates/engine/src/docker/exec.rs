use std::time::Duration;

use bollard::errors::Error as ClientError;
use bollard::exec::{CreateExecOptions, StartExecResults};
use futures_util::StreamExt;
use tokio::time::sleep;

use super::Docker;
use crate::{ContainerId, Error, Exec};

/// How long to wait before asking again for the exit code of a command whose output has ended. The
/// engine closes the output a moment before it notes the end.
const EXIT_CODE_INTERVAL: Duration = Duration::from_millis(10);

/// Runs a command inside a container.
pub(super) async fn run(
    docker: &Docker,
    container: &ContainerId,
    command: &[String],
    limit: Duration,
) -> Result<Exec, Error> {
    let request = format!("run a command in container {}", container.short());
    let options = CreateExecOptions {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(command.to_vec()),
        ..Default::default()
    };
    let name = container.to_string();
    let exec = docker
        .ask(&request, docker.client.create_exec(&name, options))
        .await?;
    let opened = docker
        .ask(&request, docker.client.start_exec(&exec.id, None))
        .await?;
    let end = async {
        let (output, truncated) = read(opened).await?;
        let exit_code = exit_code(docker, &exec.id).await?;
        Ok(Exec {
            exit_code,
            output,
            truncated,
        })
    };
    match docker.within(limit, &request, end).await {
        Err(Error::Timeout { .. }) => Err(Error::ExecTimedOut {
            container: *container,
            command: command.first().cloned().unwrap_or_default(),
            limit,
        }),
        ended => ended,
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
