use crate::world::{World, connect};
use dockeeper_config::secrets::{self, Identity, Secret, Store};
use dockeeper_model::{NodeName, config::SecretName};
use dockeeper_testbed::wait::until;
use std::time::Duration;
use tokio::task::{JoinHandle, spawn};

const LIMIT: Duration = Duration::from_secs(60);

fn db() -> SecretName {
    "db".parse().unwrap()
}

/// A host's agent, as far as secrets are concerned.
async fn host(world: &World, name: &str, identity: &Identity) -> JoinHandle<()> {
    let client = connect(&world.proxy.endpoint().to_string()).await;
    let (name, identity) = (name.parse::<NodeName>().unwrap(), identity.clone());
    spawn(async move { secrets::upkeep(&client, &name, &identity).await })
}

/// Waits until a host can decrypt the secret.
async fn until_read(store: &Store, identity: &Identity, expected: &str) {
    let read = until("the secret is encrypted for a host", LIMIT, async || {
        let record = store.read(&db()).await.map_err(|error| error.to_string())?;
        let record = record.ok_or("there is none")?;
        let secret = secrets::open(&db(), &record, identity).map_err(|error| error.to_string())?;
        Ok(secret.text().map(str::to_owned))
    });
    assert_eq!(read.await.unwrap().as_deref(), Some(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_encrypted_for_each_host_that_comes() {
    let world = World::start().await;
    let store = Store::new(&world.others);
    let identities: Vec<_> = std::iter::repeat_with(Identity::generate).take(5).collect();
    let mut hosts = vec![host(&world, "h0", &identities[0]).await];
    until("a host is there", LIMIT, async || {
        let secret = Secret::new("hunter2".into()).unwrap();
        let set = store.set(&db(), &secret, "ann@ws", 1).await;
        set.map(drop).map_err(|error| error.to_string())
    })
    .await
    .unwrap();
    for (number, identity) in identities.iter().enumerate().skip(1) {
        hosts.push(host(&world, &format!("h{number}"), identity).await);
        if number == 2 {
            world.proxy.sever();
        }
    }
    for identity in &identities {
        until_read(&store, identity, "hunter2").await;
    }
    // One host comes back with a new identity, and one leaves for good.
    hosts.remove(0).abort();
    let new = Identity::generate();
    hosts.push(host(&world, "h0", &new).await);
    until_read(&store, &new, "hunter2").await;
    assert!(store.unregister(&"h1".parse().unwrap()).await.unwrap());
    until("nothing is encrypted for who has left", LIMIT, async || {
        let record = store
            .read(&db())
            .await
            .map_err(|error| error.to_string())?
            .unwrap();
        let hosts: Vec<_> = record.recipients.keys().map(NodeName::as_str).collect();
        (hosts == ["h0", "h2", "h3", "h4"])
            .then_some(())
            .ok_or(hosts.join(" "))
    })
    .await
    .unwrap();
    hosts.iter().for_each(JoinHandle::abort);
    world.testbed.shutdown().await.unwrap();
}
