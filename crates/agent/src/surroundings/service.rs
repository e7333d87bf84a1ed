use dockeeper_config::{host::surroundings::Teller, mirrored::Mirrored};
use dockeeper_model::{Instance, ServiceName};
use dockeeper_registry::cluster::{Scope, Snapshot};
use dockeeper_zk_client::Client;

/// Tells a service's instances, as `dockeeper discover` shows them, until the session is over.
pub(super) async fn follow(client: Client, service: ServiceName, told: Teller<Vec<Instance>>) {
    let name = service.to_string();
    let mut registered = Mirrored::start(&client, &Scope::Service(service).root());
    while let Some(seen) = registered.next().await {
        match seen {
            Ok(tree) => told.known(Snapshot::of_trees([tree]).instances(&name, &[]).items),
            Err(why) => told.refused(why),
        }
    }
}
