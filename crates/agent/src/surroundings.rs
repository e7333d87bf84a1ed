//! What templates may ask of the cluster, answered from what is registered.

mod host;
mod leader;
mod look;
mod service;

pub use self::host::Host;

use dockeeper_config::{
    host::surroundings::{Cluster, Teller},
    template::Leader,
};
use dockeeper_model::{Instance, LockName, ServiceName};
use dockeeper_zk_client::Client;
use futures_util::future::BoxFuture;

/// The services and elections of the cluster.
#[derive(Clone, Copy, Debug, Default)]
pub struct Registered;

impl Cluster for Registered {
    fn service(
        &self,
        client: Client,
        service: ServiceName,
        told: Teller<Vec<Instance>>,
    ) -> BoxFuture<'static, ()> {
        Box::pin(service::follow(client, service, told))
    }

    fn leader(
        &self,
        client: Client,
        election: LockName,
        told: Teller<Option<Leader>>,
    ) -> BoxFuture<'static, ()> {
        Box::pin(leader::follow(client, election, told))
    }
}
