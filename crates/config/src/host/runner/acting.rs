//! What is done in a container, or to it, with a release: its check, and what it wants on a change.

use super::{hub::Hub, member::Member};
use crate::{
    host::volume::Staged,
    labels::{OnChange, Wishes},
};
use dockeeper_engine::Engine;
use dockeeper_hooks::{Context, Hook};
use dockeeper_model::{
    config::{AppName, Digest},
    encode,
};
use serde::Serialize;
use std::{collections::BTreeMap, net::SocketAddr, time::Duration};
use tokio::time::timeout;

/// A release that a container gets.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) app: AppName,
    pub(super) release: u64,
    pub(super) digest: Digest,
    pub(super) member: Member,
    /// Where the container has the volume.
    pub(super) destination: String,
}

/// What a request carries.
#[derive(Serialize)]
struct Body<'a> {
    app: &'a AppName,
    release: u64,
    digest: &'a Digest,
    container: String,
}

/// Has the container judge a release before it sees it.
pub(super) async fn check<E: Engine>(
    engine: &E,
    wishes: &Wishes,
    change: &Change,
    staged: &Staged,
) -> Result<(), String> {
    let Some(command) = &wishes.check else {
        return Ok(());
    };
    let directory = staged.path_in(&change.destination);
    let hook = Hook::Exec(command.clone());
    let checked = change.run(engine, &hook, &directory, wishes.check_timeout);
    checked.await.map_err(|why| format!("its check: {why}"))
}

/// Does what the container wants on a change.
pub(super) async fn act<E: Engine>(
    hub: &Hub<E>,
    wishes: &Wishes,
    change: &Change,
) -> Result<(), String> {
    let limit = wishes.on_change_timeout;
    let acted = match &wishes.on_change {
        OnChange::None => return Ok(()),
        OnChange::Hook(hook) => {
            let directory = &change.destination;
            change.run(&*hub.engine, hook, directory, limit).await
        }
        OnChange::Restart => restart(hub, change, limit).await,
        OnChange::Recreate => Err("it cannot be recreated".to_owned()),
    };
    acted.map_err(|why| format!("its on-change: {why}"))
}

/// What is waited for begins when the container has stopped, which it is given its own time for.
async fn restart<E: Engine>(hub: &Hub<E>, change: &Change, limit: Duration) -> Result<(), String> {
    let (id, stop_timeout) = (change.member.container.id, change.member.stop_timeout());
    let _restart = hub.restart(id);
    let restarted = hub.engine.restart(&id, stop_timeout);
    match timeout(stop_timeout.saturating_add(limit), restarted).await {
        Ok(restarted) => restarted.map_err(|error| error.to_string()),
        Err(_) => Err(format!(
            "not restarted within {limit:?} and the {stop_timeout:?} that it may take to stop"
        )),
    }
}

// === impl Change ===

impl Change {
    /// Runs a hook that finds the release in a directory.
    pub(super) async fn run<E: Engine>(
        &self,
        engine: &E,
        hook: &Hook,
        directory: &str,
        limit: Duration,
    ) -> Result<(), String> {
        let env = [
            format!("DOCKEEPER_CONFIG_APP={}", self.app),
            format!("DOCKEEPER_CONFIG_RELEASE={}", self.release),
            format!("DOCKEEPER_CONFIG_DIR={directory}"),
        ];
        let container = self.member.container.id;
        let body = Body {
            app: &self.app,
            release: self.release,
            digest: &self.digest,
            container: container.to_string(),
        };
        let context = Context {
            container,
            ports: &self.ports(hook),
            env: &env,
            body: encode(&body).into(),
            limit,
        };
        dockeeper_hooks::run(hook, engine, context).await
    }

    fn ports(&self, hook: &Hook) -> BTreeMap<u16, SocketAddr> {
        match hook {
            Hook::Http { url, .. } => self.member.reach(url.port),
            Hook::Exec(_) | Hook::Signal(_) => BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_engine::{Exec, fake::Fake};

    fn change(engine: &Fake) -> Change {
        let id = engine.run("web-1", |_| {});
        let containers = engine.containers();
        let container = containers.into_iter().find(|found| found.id == id).unwrap();
        Change {
            app: "web".parse().unwrap(),
            release: 7,
            digest: Digest::new([1; Digest::LEN]),
            member: Member::new(container),
            destination: "/etc/web".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_command_learns_which_release_it_is_about_and_where_that_lies() {
        let engine = Fake::new(1);
        let change = change(&engine);
        let hook = Hook::Exec("reload".to_owned());
        let limit = Duration::from_secs(1);
        let told = change.run(&engine, &hook, "/etc/web/..r7-3", limit);
        assert_eq!(told.await, Ok(()));
        let expected = [
            "DOCKEEPER_CONFIG_APP=web",
            "DOCKEEPER_CONFIG_RELEASE=7",
            "DOCKEEPER_CONFIG_DIR=/etc/web/..r7-3",
        ];
        assert_eq!(engine.executed()[0].env, expected);
        engine.set_exec(Exec {
            exit_code: 1,
            output: "line 3: unknown directive".to_owned(),
            truncated: false,
        });
        let refused = change.run(&engine, &hook, "/etc/web", limit).await;
        assert!(refused.unwrap_err().contains("unknown directive"));
    }
}
