//! Other apps' values, and secrets.

use crate::world::World;
use dockeeper_config::{
    host::surroundings::Following,
    rollout,
    secrets::{self, Identity, Secret},
    store::{Edit, Publication, Store},
    template::Asked,
};
use dockeeper_model::config::{AppName, SecretName};
use dockeeper_testbed::wait::{soon, until};
use futures_util::FutureExt;
use std::{fs, time::Duration};

const LIMIT: Duration = Duration::from_secs(20);

fn other() -> AppName {
    "other".parse().unwrap()
}

fn db() -> SecretName {
    "db".parse().unwrap()
}

async fn set_url(world: &World, url: &str) {
    let values = [("URL".parse().unwrap(), Some(url.to_owned()))];
    let publication = Publication {
        edit: Edit::Set(values.into()),
        by: "ann@ws".to_owned(),
        message: String::new(),
        now_ms: 1,
        expect: None,
    };
    let store = Store::new(&world.client);
    let app = other();
    let published = store.publish(&app, &publication, |beginning| {
        rollout::everyone(beginning.before, beginning.release.release, "", 1)
    });
    published.await.unwrap();
}

fn url(following: &Following) -> Option<String> {
    let values = following.facts(None).app(&other()).unwrap()?;
    values.get(&"URL".parse().unwrap()).cloned()
}

fn secret(following: &Following) -> Option<String> {
    let secret = following.facts(None).secret(&db()).unwrap()?;
    secret.text().map(str::to_owned)
}

#[tokio::test]
async fn another_apps_values_are_followed() {
    let world = World::start().await;
    let surroundings = world.connected();
    let asked = Asked {
        apps: [other()].into(),
        ..Asked::default()
    };
    let mut following = surroundings.follow(&asked);
    soon("it is known that there is no such app", following.ready()).await;
    assert_eq!(url(&following), None);
    for value in ["http://a", "http://b"] {
        set_url(&world, value).await;
        soon("a new release", following.changed()).await;
        assert_eq!(url(&following).as_deref(), Some(value));
    }
}

#[tokio::test]
async fn a_secret_is_followed_and_kept_only_encrypted() {
    let world = World::start().await;
    let store = secrets::Store::new(&world.client);
    let register = async |node: &str, identity: &Identity| {
        let recipient = identity.recipient();
        store
            .register(&node.parse().unwrap(), &recipient)
            .await
            .unwrap();
    };
    register("h1", &world.identity).await;
    let surroundings = world.connected();
    let asked = Asked {
        secrets: [db()].into(),
        ..Asked::default()
    };
    let mut following = surroundings.follow(&asked);
    soon(
        "it is known that there is no such secret",
        following.ready(),
    )
    .await;
    assert_eq!(secret(&following), None);
    let set = async |text: &str| {
        let secret = Secret::new(text.into()).unwrap();
        store.set(&db(), &secret, "ann@ws", 1).await.unwrap()
    };
    set("hunter2").await;
    soon("it is set", following.changed()).await;
    assert_eq!(secret(&following).as_deref(), Some("hunter2"));

    // For another host as well it is the same secret: nothing is rendered again.
    register("h2", &Identity::generate()).await;
    let done = store.seal_all_again(&world.identity).await.unwrap();
    assert_eq!(done.changed, [db()]);
    let kept = until("what is kept is encrypted for both", LIMIT, async || {
        let mut kept = String::new();
        for entry in fs::read_dir(world.kept()).unwrap() {
            let path = entry.unwrap().path();
            // What is still being written is not kept yet.
            if path.extension().is_some_and(|end| end == "json") {
                kept.push_str(&fs::read_to_string(path).unwrap());
            }
        }
        kept.contains("\"h2\"")
            .then_some(kept)
            .ok_or("not yet".to_owned())
    });
    assert!(!kept.await.unwrap().contains("hunter2"));
    assert!(following.changed().now_or_never().is_none());
    drop(following);

    let (surroundings, _) = world.surroundings();
    let away = surroundings.follow(&asked);
    soon("ZooKeeper is away", away.ready()).await;
    assert_eq!(secret(&away).as_deref(), Some("hunter2"));
}

#[tokio::test]
async fn a_secret_for_others_is_none_of_ours() {
    let world = World::start().await;
    let store = secrets::Store::new(&world.client);
    let other = Identity::generate();
    let recipient = other.recipient();
    store
        .register(&"h2".parse().unwrap(), &recipient)
        .await
        .unwrap();
    let hidden = Secret::new("hunter2".into()).unwrap();
    store.set(&db(), &hidden, "ann@ws", 1).await.unwrap();
    let surroundings = world.connected();
    let asked = Asked {
        secrets: [db()].into(),
        ..Asked::default()
    };
    let mut following = surroundings.follow(&asked);
    soon("it is read", following.ready()).await;
    let error = following.facts(None).secret(&db()).unwrap_err().to_string();
    assert!(error.contains("not encrypted for this host"), "{error}");
    // As soon as another host has encrypted it for this one, it is there.
    let recipient = world.identity.recipient();
    store
        .register(&"h1".parse().unwrap(), &recipient)
        .await
        .unwrap();
    store.seal_all_again(&other).await.unwrap();
    soon("it is encrypted anew", following.changed()).await;
    assert_eq!(secret(&following).as_deref(), Some("hunter2"));
}
