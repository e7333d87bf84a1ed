//! A testbed and what all tests need of it.

use crate::clients::{LIMIT, config, connect};
use dockeeper_recipes::{Error, Held, Lost, Naming, Options, Standing};
use dockeeper_testbed::{
    Endpoint, Proxy, Testbed,
    wait::{self, soon},
};
use dockeeper_zk_client::{Client, Config};
use std::time::Duration;
use tokio::task::JoinHandle;

pub(crate) struct World {
    pub(crate) testbed: Testbed,
    /// One that does not contend.
    pub(crate) observer: Client,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::of(1).await
    }

    pub(crate) async fn of(servers: u8) -> Self {
        let builder = Testbed::builder().hosts(0).zookeepers(servers);
        Self::with(builder.start().await.unwrap()).await
    }

    pub(crate) async fn with(testbed: Testbed) -> Self {
        let servers = testbed.zookeeper().connect_string();
        let observer = connect(config(&servers)).await;
        Self { testbed, observer }
    }

    pub(crate) async fn client(&self) -> Client {
        connect(config(&self.testbed.zookeeper().connect_string())).await
    }

    /// A client with a proxy of its own before the server.
    pub(crate) async fn proxied(&self, session_timeout: Duration) -> (Proxy, Client) {
        let target = self.testbed.zookeeper().server(0).address();
        let proxy = self.testbed.proxy(Endpoint::Tcp(target)).await.unwrap();
        let config = Config {
            session_timeout,
            ..config(&proxy.endpoint().to_string())
        };
        let client = connect(config).await;
        (proxy, client)
    }

    /// The children of a znode, in the order of their numbers; none when it is not there.
    pub(crate) async fn children(&self, path: &str) -> Vec<String> {
        let listed = self.observer.list(path).await;
        let mut children = listed.map(|(names, _)| names).unwrap_or_default();
        children.sort_unstable_by_key(|name| name[name.len() - 10..].to_owned());
        children
    }

    /// Waits until a znode has so many children.
    pub(crate) async fn has_children(&self, path: &str, count: usize) {
        let what = format!("{count} children of {path}");
        wait::until(what, LIMIT, async || {
            let children = self.children(path).await;
            if children.len() == count {
                Ok(())
            } else {
                Err(format!("{children:?}"))
            }
        })
        .await
        .unwrap();
    }

    /// Fails unless the znode is there, with the token and the session that the holder tells.
    pub(crate) async fn shows(&self, held: &Held) {
        let stat = self.observer.exists(held.node()).await.unwrap().unwrap();
        assert_eq!(
            (stat.czxid, stat.ephemeral_owner),
            (held.token(), held.session())
        );
    }

    /// A figure of the server's.
    pub(crate) async fn figure(&self, name: &str) -> u64 {
        let text = self
            .testbed
            .zookeeper()
            .server(0)
            .ask("mntr")
            .await
            .unwrap();
        let figure = text.lines().find_map(|line| line.strip_prefix(name));
        figure
            .unwrap_or_else(|| panic!("{text}"))
            .trim()
            .parse()
            .unwrap()
    }

    pub(crate) async fn stop(self) {
        self.testbed.shutdown().await.unwrap();
    }
}

pub(crate) fn named(naming: Naming) -> Options {
    Options {
        naming,
        ..Options::default()
    }
}

/// What a contender that runs by itself came to.
pub(crate) async fn outcome(
    what: &str,
    contender: JoinHandle<Result<Held, Error>>,
) -> Result<Held, Error> {
    soon(what, contender).await.unwrap()
}

pub(crate) async fn lost(held: &Held) -> Lost {
    soon("the loss", held.lost()).await
}

pub(crate) async fn is_suspended(held: &Held) {
    let mut standing = held.standing();
    let suspended = standing.wait_for(|s| matches!(s, Standing::Suspended { .. }));
    soon("a suspended standing", suspended).await.unwrap();
}

pub(crate) async fn is_sure(held: &Held) {
    let mut standing = held.standing();
    let sure = standing.wait_for(|standing| matches!(standing, Standing::Sure { .. }));
    soon("a sure standing", sure).await.unwrap();
}
