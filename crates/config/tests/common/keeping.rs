//! What is kept, and for how long.

use crate::scenarios::{app, new, set};
use dockeeper_config::store::{Error, Removal, Store};
use dockeeper_model::{
    config::{Ack, App, Applied, Policy, Retention, Step},
    encode, layout,
};
use dockeeper_zk_client::{Client, CreateMode};

/// Says that containers of a host run these releases, and are to run those.
async fn run(client: &Client, node: &str, running: &[(Option<u64>, u64)]) {
    let containers = (0_u64..).zip(running).map(|(n, (running, target))| {
        let ack = Ack {
            name: format!("web-{n}"),
            running: *running,
            digest: None,
            target: *target,
            step: Step::Healthy,
            reason: String::new(),
            since_ms: 0,
        };
        (format!("{n:012x}").parse().unwrap(), ack)
    });
    let containers = containers.collect();
    let path = layout::applied_by(&app(), &node.parse().unwrap());
    let content = encode(&Applied { containers });
    client
        .create(&path, content, CreateMode::Ephemeral)
        .await
        .unwrap();
}

pub(crate) async fn retention(client: &Client) {
    let store = Store::new(client);
    for n in 1..=9 {
        let content = format!("{n}");
        new(&store, set(&[("N", Some(&content))])).await;
    }
    assert!(
        store.retire(&app()).await.unwrap().is_empty(),
        "as many as are kept"
    );
    let (settings, version) = store.app(&app()).await.unwrap().unwrap();
    assert_eq!(settings, App::default());
    let settings = App {
        policy: Some(Policy::default()),
        retention: Retention {
            releases: 1,
            age_ms: 3_600_000,
        },
    };
    store
        .set_app(&app(), &settings, Some(version))
        .await
        .unwrap();
    let refused = store
        .set_app(&app(), &settings, Some(version))
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::SettingsChanged(_)), "{refused}");
    assert!(
        store.retire(&app()).await.unwrap().is_empty(),
        "all are young"
    );

    let mut settings = settings;
    settings.retention.age_ms = 0;
    store.set_app(&app(), &settings, None).await.unwrap();
    run(client, "h1", &[(Some(2), 9), (None, 4)]).await;
    // The ninth is the head, and the eighth stable.
    assert_eq!(store.retire(&app()).await.unwrap(), [1, 3, 5, 6, 7]);
    let left = store.history(&app(), 100).await.unwrap();
    let left: Vec<_> = left.iter().map(|release| release.release).collect();
    assert_eq!(left, [9, 8, 4, 2]);
    settings.retention.releases = u32::MAX;
    let refused = store.set_app(&app(), &settings, None).await.unwrap_err();
    assert!(matches!(refused, Error::Retention(_)), "{refused}");
}

pub(crate) async fn removal(client: &Client) {
    let store = Store::new(client);
    let refused = store.remove(&app(), Removal::Careful).await.unwrap_err();
    assert!(matches!(refused, Error::NoApp(_)), "{refused}");
    for n in 1..=120 {
        let content = format!("{n}");
        new(&store, set(&[("N", Some(&content))])).await;
    }
    run(client, "h1", &[(Some(1), 1)]).await;
    let refused = store.remove(&app(), Removal::Careful).await.unwrap_err();
    assert!(refused.to_string().contains("h1/web-0"), "{refused}");
    assert!(store.head(&app()).await.unwrap().is_some());
    store.remove(&app(), Removal::Forced).await.unwrap();
    assert!(client.exists(&layout::app(&app())).await.unwrap().is_none());
    assert!(store.apps().await.unwrap().is_empty());
    assert_eq!(new(&store, set(&[("N", Some("1"))])).await.release, 1);
    // A removal that was interrupted behind its first step.
    let head = Some(0);
    client.delete(&layout::head(&app()), head).await.unwrap();
    assert_eq!(new(&store, set(&[("N", Some("2"))])).await.release, 2);
    store.remove(&app(), Removal::Careful).await.unwrap();
}
