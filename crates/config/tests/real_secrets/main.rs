//! Secrets in a real ZooKeeper.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

use dockeeper_config::secrets::{
    Error, Identity, SECRETS_MAX, Secret, Store, open,
    store::Registered::{Before, InPlaceOfAnother, Now},
};
use dockeeper_model::{
    NodeName,
    config::SecretName,
    layout::{self, SECRETS},
};
use dockeeper_testbed::Testbed;
use dockeeper_zk_client::{Client, Config, CreateMode};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

async fn start() -> (Testbed, Client) {
    let builder = Testbed::builder().hosts(0).zookeepers(1);
    let testbed = builder.start().await.unwrap();
    let server = testbed.zookeeper().server(0).address();
    let client = Client::connect(Config::new(server.to_string().parse().unwrap()));
    client.connected(LIMIT).await.unwrap();
    (testbed, client)
}

fn node(name: &str) -> NodeName {
    name.parse().unwrap()
}

fn name(name: &str) -> SecretName {
    name.parse().unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text.into()).unwrap()
}

async fn read(store: &Store, secret: &str, identity: &Identity) -> Result<String, Error> {
    let secret = name(secret);
    let record = store.read(&secret).await?.expect("the secret is there");
    let opened = open(&secret, &record, identity)?;
    Ok(opened.text().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_follow_the_hosts_that_may_read_them() {
    let (testbed, client) = start().await;
    let store = Store::new(&client);
    let (one, two) = (Identity::generate(), Identity::generate());

    let early = store.set(&name("db"), &secret("x"), "ann@ws", 1).await;
    assert!(matches!(early, Err(Error::NoRecipients)), "{early:?}");
    assert!(store.list().await.unwrap().is_empty());

    let register = async |host: &str, identity: &Identity| {
        let recipient = identity.recipient();
        store.register(&node(host), &recipient).await.unwrap()
    };
    assert_eq!(register("h1", &one).await, Now);
    assert_eq!(register("h1", &one).await, Before);
    for (number, text) in [(1, "old"), (2, "hunter2")] {
        let set = store
            .set(&name("db"), &secret(text), "ann@ws", number)
            .await;
        assert_eq!(set.unwrap().version, u64::try_from(number).unwrap());
    }
    store
        .set(&name("key"), &secret("k"), "ann@ws", 1)
        .await
        .unwrap();
    assert_eq!(read(&store, "db", &one).await.unwrap(), "hunter2");

    // A second host comes: it can read when the first has encrypted anew, and not before.
    assert_eq!(register("h2", &two).await, Now);
    let early = read(&store, "db", &two).await;
    assert!(matches!(early, Err(Error::NotForThis(_))), "{early:?}");
    let unable = store.seal_all_again(&two).await.unwrap();
    assert_eq!((unable.changed.len(), unable.failed.len()), (0, 2));
    let done = store.seal_all_again(&one).await.unwrap();
    assert_eq!((done.changed.len(), done.failed.len()), (2, 0));
    assert!(store.seal_all_again(&one).await.unwrap().changed.is_empty());
    assert_eq!(read(&store, "db", &two).await.unwrap(), "hunter2");

    // The first loses its identity, and gets another one.
    let new = Identity::generate();
    assert_eq!(register("h1", &new).await, InPlaceOfAnother);
    store.seal_all_again(&two).await.unwrap();
    assert_eq!(read(&store, "db", &new).await.unwrap(), "hunter2");
    let lost = read(&store, "db", &one).await;
    assert!(matches!(lost, Err(Error::NotForThis(_))), "{lost:?}");

    // The second leaves.
    assert!(store.unregister(&node("h2")).await.unwrap());
    assert!(!store.unregister(&node("h2")).await.unwrap());
    store.seal_all_again(&new).await.unwrap();
    assert!(read(&store, "db", &two).await.is_err());
    let listed = store.list().await.unwrap();
    let hosts: Vec<_> = listed[&name("db")].recipients.keys().collect();
    assert_eq!(hosts, [&node("h1")]);
    assert_eq!(listed[&name("db")].version, 2);

    assert!(store.remove(&name("db")).await.unwrap());
    assert!(!store.remove(&name("db")).await.unwrap());
    assert!(store.read(&name("db")).await.unwrap().is_none());
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_set_meanwhile_is_not_lost() {
    let (testbed, client) = start().await;
    let store = Store::new(&client);
    let one = Identity::generate();
    store.register(&node("h1"), &one.recipient()).await.unwrap();
    store
        .set(&name("db"), &secret("0"), "ann@ws", 0)
        .await
        .unwrap();
    let set = async {
        for number in 1..=50 {
            let secret = secret(&number.to_string());
            store
                .set(&name("db"), &secret, "ann@ws", number)
                .await
                .unwrap();
        }
    };
    let seal = async {
        for number in 0..20 {
            let host = node(&format!("other{number}"));
            let recipient = Identity::generate().recipient();
            store.register(&host, &recipient).await.unwrap();
            let done = store.seal_all_again(&one).await.unwrap();
            // Somebody else was first each time: the next call does it.
            let contended = |error: &Error| matches!(error, Error::Contended { .. });
            assert!(done.failed.values().all(contended), "{done:?}");
        }
    };
    tokio::join!(set, seal);
    store.seal_all_again(&one).await.unwrap();
    assert_eq!(read(&store, "db", &one).await.unwrap(), "50");
    let record = store.read(&name("db")).await.unwrap().unwrap();
    assert_eq!((record.version, record.recipients.len()), (51, 21));
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_wrote_is_told_from_secrets() {
    let (testbed, client) = start().await;
    let store = Store::new(&client);
    let one = Identity::generate();
    store.register(&node("h1"), &one.recipient()).await.unwrap();
    let put = async |path: String, content: &'static str| {
        let parent = path.rsplit_once('/').unwrap().0;
        client
            .create_all(parent, CreateMode::Persistent)
            .await
            .unwrap();
        client
            .create(&path, content, CreateMode::Persistent)
            .await
            .unwrap();
    };
    put(layout::secret(&name("foreign")), "[]").await;
    put(format!("{SECRETS}/no name"), "{}").await;
    assert!(store.list().await.unwrap().is_empty());
    let read = store.read(&name("foreign")).await;
    assert!(matches!(read, Err(Error::Foreign { .. })), "{read:?}");
    let done = store.seal_all_again(&one).await.unwrap();
    assert_eq!(done.failed.len(), 1);
    store
        .set(&name("foreign"), &secret("x"), "ann@ws", 1)
        .await
        .unwrap();

    put(layout::recipient(&node("h2")), "age1nobody").await;
    let refused = store.set(&name("db"), &secret("x"), "ann@ws", 1).await;
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("/secrets/recipients/h2"), "{error}");
    store.unregister(&node("h2")).await.unwrap();

    for number in 2..SECRETS_MAX {
        put(format!("{SECRETS}/filler{number}"), "").await;
    }
    let refused = store.set(&name("db"), &secret("x"), "ann@ws", 1).await;
    assert!(matches!(refused, Err(Error::TooMany)), "{refused:?}");
    store
        .set(&name("foreign"), &secret("y"), "ann@ws", 1)
        .await
        .unwrap();
    testbed.shutdown().await.unwrap();
}
