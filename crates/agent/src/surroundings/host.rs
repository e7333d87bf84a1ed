use crate::facts::engine_info;
use dockeeper_config::template::Node;
use dockeeper_engine::{Engine, watch::Status};
use dockeeper_model::NodeName;
use std::{net::IpAddr, sync::Arc, time::Duration};
use tokio::{sync::watch, time::sleep};

/// What is known of a host beside what its engine says.
#[derive(Debug)]
pub struct Host {
    /// Its name in the cluster.
    pub name: NodeName,
    /// Its own name.
    pub hostname: String,
    /// Where its instances are advertised.
    pub address: watch::Receiver<IpAddr>,
    /// Whether there is a connection to its engine.
    pub engine_status: watch::Receiver<Status>,
    /// How often the engine is asked, whatever seems to have changed.
    pub compare_interval: Duration,
}

// === impl Host ===

impl Host {
    /// Tells what templates see of the host, with a session or without, until nobody listens. What
    /// the engine said last stays when it does not answer.
    pub async fn describe<E: Engine>(mut self, engine: Arc<E>, told: watch::Sender<Option<Node>>) {
        loop {
            if let Some(info) = engine_info(&*engine).await {
                let node = Node {
                    name: self.name.to_string(),
                    address: self.address.borrow_and_update().to_string(),
                    hostname: self.hostname.clone(),
                    labels: info.labels,
                    arch: info.arch,
                    cpus: info.cpus,
                    memory_bytes: info.memory_bytes,
                };
                told.send_if_modified(|known| {
                    let is_news = known.as_ref() != Some(&node);
                    *known = Some(node);
                    is_news
                });
            }
            tokio::select! {
                Ok(()) = self.address.changed() => {}
                Ok(()) = self.engine_status.changed() => {}
                () = sleep(self.compare_interval) => {}
                () = told.closed() => return,
            }
        }
    }
}
