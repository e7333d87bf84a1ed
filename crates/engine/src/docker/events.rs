use std::collections::HashMap;
use std::future;
use std::sync::Arc;

use bollard::errors::Error as ClientError;
use bollard::query_parameters::{EventsOptions, EventsOptionsBuilder};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::Notify;

use super::{Docker, convert, transport};
use crate::{Error, Event, Since};

/// The events of one engine, until the connection ends.
pub type Events = BoxStream<'static, Result<Event, Error>>;

const SUBSCRIBE: &str = "stream its events";

/// What the engine is asked to send. Left out are the events of commands inside containers
/// (`exec_…`), of which health checks make three a probe. The engine takes each for a prefix.
const ACTIONS: [&str; 17] = [
    "connect",
    "create",
    "destroy",
    "die",
    "disconnect",
    "health_status",
    "kill",
    "mount",
    "oom",
    "pause",
    "rename",
    "restart",
    "start",
    "stop",
    "unmount",
    "unpause",
    "update",
];

const NANOSECONDS: i64 = 1_000_000_000;

/// Subscribes, and waits until the engine has accepted it.
pub(super) async fn open(docker: &Docker, since: Since) -> Result<Events, Error> {
    let since_ns = match since {
        Since::Ago(_) => now_ns(docker).await?.map(|now_ns| since.time_ns(now_ns)),
        Since::Time(time_ns) => Some(time_ns),
    };
    let accepted = Arc::new(Notify::new());
    let client = transport::client(&docker.transport, Some(Arc::clone(&accepted)));
    let messages = client.events(Some(options(since_ns)));
    let events = messages.try_filter_map(|message| future::ready(Ok(convert::event(message))));
    let mut events = Box::pin(events.peekable());
    let opening = async {
        // The stream sends its request when it is first asked for an event.
        Ok(tokio::select! {
            biased;
            first = events.as_mut().peek() => matches!(first, Some(Ok(_))),
            () = accepted.notified() => true,
        })
    };
    if !docker.ask(SUBSCRIBE, opening).await? {
        let error = events.next().await.and_then(Result::err);
        return Err(docker.failure(SUBSCRIBE).of(error.unwrap_or_else(closed)));
    }
    let docker = docker.clone();
    Ok(events
        .map_err(move |error| docker.failure(SUBSCRIBE).of(error))
        .boxed())
}

/// The time by the engine's clock. The engine says that it has accepted a subscription a moment
/// before it subscribes, so that even a stream of what is to come has to ask for what was.
async fn now_ns(docker: &Docker) -> Result<Option<i64>, Error> {
    let info = docker.ask("tell the time", docker.client.info()).await?;
    Ok(info.system_time.as_deref().and_then(convert::nanoseconds))
}

/// An answer that ended before it began.
fn closed() -> ClientError {
    ClientError::IOError {
        err: std::io::ErrorKind::UnexpectedEof.into(),
    }
}

fn options(since_ns: Option<i64>) -> EventsOptions {
    let filters = HashMap::from([
        ("type", vec!["container", "network", "volume"]),
        ("event", ACTIONS.to_vec()),
    ]);
    let options = EventsOptionsBuilder::new().filters(&filters);
    match since_ns {
        None => options.build(),
        Some(ns) => options.since(&timestamp(ns)).build(),
    }
}

/// A time as the engine reads it: seconds and nanoseconds.
fn timestamp(ns: i64) -> String {
    format!(
        "{}.{:09}",
        ns.div_euclid(NANOSECONDS),
        ns.rem_euclid(NANOSECONDS)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_keeps_its_nanoseconds() {
        assert_eq!(timestamp(1_795_369_140_000_000_007), "1795369140.000000007");
    }

    #[test]
    fn no_action_that_is_asked_for_lets_a_probes_events_through() {
        let probes = ["exec_create: true", "exec_start: true", "exec_die"];
        for action in ACTIONS {
            assert!(
                probes.iter().all(|probe| !probe.starts_with(action)),
                "{action}"
            );
        }
    }
}
