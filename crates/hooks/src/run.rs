//! How a hook is carried out.

use crate::{Hook, Url};
use bytes::Bytes;
use dockeeper_engine::{ContainerId, Engine};
use dockeeper_health::{Target, probe};
use hyper::Method;
use std::{collections::BTreeMap, net::SocketAddr, time::Duration};
use tokio::{net::lookup_host, time::timeout};

/// How much longer than its limit a hook may take: the engine has to say that a command did not end
/// in time.
pub const GRACE: Duration = Duration::from_secs(2);

/// How many characters of a failed command's output are shown.
const OUTPUT_SHOWN_MAX: usize = 200;

/// Whom a hook tells, what, and how long that may take.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The container.
    pub container: ContainerId,
    /// Where its ports are reached, by their numbers inside.
    pub ports: &'a BTreeMap<u16, SocketAddr>,
    /// What a command finds in its environment, each `NAME=value`.
    pub env: &'a [String],
    /// The JSON object that a request carries, if its method is one that does.
    pub body: Bytes,
    /// How long it may take, without [`GRACE`].
    pub limit: Duration,
}

/// Carries a hook out.
///
/// # Errors
///
/// Why that failed, for people: a command that exits with something else than 0 is shown with the
/// beginning of its output; of a request's answer, any status but 200 to 399 is a failure.
pub async fn run<E: Engine>(hook: &Hook, engine: &E, context: Context<'_>) -> Result<(), String> {
    let limit = context.limit;
    let done = timeout(limit.saturating_add(GRACE), async {
        match hook {
            Hook::Exec(command) => exec(engine, command, &context).await,
            Hook::Signal(signal) => {
                let sent = engine.kill(&context.container, signal).await;
                sent.map_err(|error| error.to_string())
            }
            Hook::Http { method, url } => request(method, url, context).await,
        }
    });
    let late = |_| Err(format!("not done within {limit:?}"));
    done.await.unwrap_or_else(late)
}

async fn exec<E: Engine>(engine: &E, command: &str, context: &Context<'_>) -> Result<(), String> {
    let command = ["sh", "-c", command].map(str::to_owned);
    let ended = engine.exec(&context.container, &command, context.env, context.limit);
    let ended = ended.await.map_err(|error| error.to_string())?;
    let output: String = ended.output.trim().chars().take(OUTPUT_SHOWN_MAX).collect();
    match (ended.exit_code, output.as_str()) {
        (0, _) => Ok(()),
        (code, "") => Err(format!("the command exited with {code}")),
        (code, output) => Err(format!("the command exited with {code}: {output}")),
    }
}

async fn request(method: &Method, url: &Url, context: Context<'_>) -> Result<(), String> {
    let target = Target {
        address: address(url, context.ports).await?,
        name: url.host.clone().filter(|host| !host.contains(':')),
        container: String::new(),
    };
    let body = has_body(method).then_some(context.body);
    let answered = probe::request(method, &target, &url.path, body, context.limit).await;
    answered.map_err(|reason| reason.to_string())
}

/// Servers may refuse a body where HTTP gives it no meaning.
fn has_body(method: &Method) -> bool {
    [Method::POST, Method::PUT, Method::PATCH].contains(method)
}

async fn address(url: &Url, ports: &BTreeMap<u16, SocketAddr>) -> Result<SocketAddr, String> {
    let port = url.port;
    let Some(host) = &url.host else {
        let reached = ports.get(&port).copied();
        return reached.ok_or_else(|| {
            format!(
                "the container's port {port} is reached nowhere; publish it, or name an address"
            )
        });
    };
    let mut found = lookup_host((host.as_str(), port))
        .await
        .map_err(|error| format!("cannot look {host} up: {error}"))?;
    found.next().ok_or_else(|| format!("{host} has no address"))
}

#[cfg(test)]
mod tests;
