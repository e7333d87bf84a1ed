//! An agent with a controller beside it.
//!
//! The controller has a session of its own. In the agent's, which outlives the process, its place in
//! the election would too: nobody would control while the next process starts, and that process would
//! then wait behind a place of its own session. This one is never saved: it is closed at the end, so
//! that another agent goes on at once, and expires when the process is killed.

use dockeeper_agent::{Agent, Error, Stop, clock::now_ms};
use dockeeper_controller::{Config, Controller, Releases};
use dockeeper_zk_client::{self as zk, Client};
use std::time::Duration;
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};

/// How long to pause before the next session.
const SESSION_PAUSE: Duration = Duration::from_secs(1);

/// How long the end of the session may take. Without a connection it expires.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// Runs an agent until it ends, and a controller until then.
pub(super) async fn run(
    agent: Agent,
    zookeeper: zk::Config,
    stop: impl Future<Output = Stop>,
) -> Result<(), Error> {
    let node = agent.node().clone();
    let publisher = Releases::new(&node, now_ms);
    let usual = Config::new(node, agent.hostname().to_owned(), now_ms);
    // The other agents most likely have the same time-out.
    let config = Config {
        settle: usual.settle.max(2 * zookeeper.session_timeout),
        ..usual
    };
    let controller = Controller::new(config, publisher);
    let (end, ended) = oneshot::channel::<()>();
    let controlling = tokio::spawn(control(controller, zookeeper, ended));
    // It is dropped with the agent too, when that ends by itself.
    let stop = async move {
        let stop = stop.await;
        drop(end);
        stop
    };
    let worked = agent.run(stop).await;
    if let Err(error) = controlling.await {
        tracing::error!(%error, "the controller was lost");
    }
    worked
}

/// Waits for the chroot, which the agent makes.
async fn rooted(client: &Client) {
    // What is wrong with the root is wrong with the rest, and said there.
    while let Ok((None, made)) = client.exists_and_watch("/").await {
        drop(made.fired().await);
    }
}

/// Controls with one session after another until `ended`.
async fn control(
    controller: Controller<Releases>,
    zookeeper: zk::Config,
    mut ended: oneshot::Receiver<()>,
) {
    loop {
        let client = Client::connect(zookeeper.clone());
        let controlling = async {
            rooted(&client).await;
            controller.run(&client).await;
        };
        tokio::select! {
            () = controlling => {}
            _ = &mut ended => {
                if timeout(CLOSE_LIMIT, client.close()).await.is_err() {
                    tracing::debug!("the controller's session is left to expire");
                }
                return;
            }
        }
        tokio::select! {
            () = sleep(SESSION_PAUSE) => {}
            _ = &mut ended => return,
        }
    }
}
