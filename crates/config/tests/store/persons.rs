//! What a person looks at beforehand, and tells a rollout.

use crate::scenarios::{app, everyone, head, new, publication, set};
use dockeeper_config::{
    bundle::VALUE_LEN_MAX,
    rollout::{Order, Refused},
    store::{Beginning, Error, Store},
};
use dockeeper_model::config::{Key, Phase, Rollout};
use dockeeper_zk_client::Client;
use std::collections::BTreeMap;

pub(crate) async fn previews(client: &Client) {
    let store = Store::new(client);
    let edit = |value| set(&[("A", Some(value))]).edit;
    let preview = store.preview(&app(), &edit("1"), Some(0)).await.unwrap();
    assert!(preview.head.is_none() && preview.before.is_empty());
    assert_eq!(preview.after.keys.len(), 1);
    assert!(
        store.head(&app()).await.unwrap().is_none(),
        "it is not made"
    );

    new(&store, publication(edit("1"))).await;
    let preview = store.preview(&app(), &edit("2"), Some(1)).await.unwrap();
    assert_eq!(preview.head.unwrap().release, 1);
    let value = |keys: &BTreeMap<Key, String>| keys[&"A".parse().unwrap()].clone();
    assert_eq!(
        (value(&preview.before.keys), value(&preview.after.keys)),
        ("1".into(), "2".into())
    );
    assert_eq!(value(&head(&store).await.keys), "1");

    let error = store
        .preview(&app(), &edit("2"), Some(0))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Overtaken { expected: 0, .. }),
        "{error}"
    );
    let long = "x".repeat(VALUE_LEN_MAX + 1);
    let error = store.preview(&app(), &edit(&long), None).await.unwrap_err();
    assert!(matches!(error, Error::Bundle(_)), "{error}");
}

pub(crate) async fn orders(client: &Client) {
    let store = Store::new(client);
    let order = async |order| store.order(&app(), order, "me@h", 7).await;
    let error = order(Order::Pause).await.unwrap_err();
    assert!(matches!(error, Error::NoApp(_)), "{error}");
    new(&store, set(&[("A", Some("1"))])).await;
    let error = order(Order::Pause).await.unwrap_err();
    assert!(matches!(error, Error::Refused(Refused::Done(1))), "{error}");

    let rolling = |beginning: &Beginning<'_>| Rollout {
        phase: Phase::Rolling,
        ..everyone(beginning)
    };
    let second = set(&[("A", Some("2"))]);
    store.publish(&app(), &second, rolling).await.unwrap();
    let paused = order(Order::Pause).await.unwrap();
    assert_eq!((paused.phase, paused.changed_ms), (Phase::Paused, 7));
    assert_eq!(store.rollout(&app()).await.unwrap(), Some(paused));
    assert_eq!(order(Order::Abort).await.unwrap().phase, Phase::Aborting);
}
