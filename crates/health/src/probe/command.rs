//! Commands in the container.

use std::time::Duration;

use tokio::time::timeout;

use crate::duration;
use crate::exec::Exec;
use crate::reason::Reason;
use crate::target::Target;

/// How long the caller's engine may take beyond the probe's time limit to stop the command and say
/// so itself, which it does better than this crate could.
const GRACE: Duration = Duration::from_secs(1);

pub(super) async fn run(
    exec: &impl Exec,
    command: &[String],
    target: &Target,
    limit: Duration,
) -> Result<(), Reason> {
    let command = interpolate(command, target);
    let outcome = timeout(limit + GRACE, exec.exec(&target.container, &command, limit))
        .await
        .map_err(|_elapsed| {
            let limit = duration::format(limit);
            Reason::new(format!(
                "the command: not done within the time limit of {limit}"
            ))
        })?
        .map_err(|error| Reason::new(format!("the command: {error}")))?;
    match outcome.exit_code {
        0 => Ok(()),
        code => {
            let output = outcome.output.trim();
            let separator = if output.is_empty() { "" } else { ": " };
            Err(Reason::new(format!(
                "the command exited with {code}{separator}{output}"
            )))
        }
    }
}

/// Puts the target's address in, textually as registrator does. An address is digits, letters, dots
/// and colons, so it cannot mean anything to the shell.
fn interpolate(command: &[String], target: &Target) -> Vec<String> {
    let ip = target.address.ip().to_string();
    let port = target.address.port().to_string();
    let fill = |argument: &String| {
        argument
            .replace("$SERVICE_IP", &ip)
            .replace("$SERVICE_PORT", &port)
    };
    command.iter().map(fill).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_put_in() {
        let target = Target {
            address: "10.0.0.5:8080".parse().expect("an address"),
            name: None,
            container: String::new(),
        };
        let command = [
            "sh",
            "-c",
            "nc $SERVICE_IP $SERVICE_PORT; $SERVICE_PORT $SERVICE",
        ];
        let filled = interpolate(&command.map(str::to_owned), &target);
        assert_eq!(filled, ["sh", "-c", "nc 10.0.0.5 8080; 8080 $SERVICE"]);
    }
}
