//! What is collected as time passes.

use crate::{
    World,
    scenarios::{app, apply, files, new, noise},
};
use dockeeper_config::store::{COLLECTION_GRACE, Store};
use dockeeper_model::config::{App, Retention};

#[tokio::test]
async fn what_nothing_refers_to_is_collected_when_it_is_old() {
    let world = World::start().await;
    let store = Store::new(&world.client);
    let settings = App {
        policy: None,
        retention: Retention {
            releases: 1,
            age_ms: 0,
        },
    };
    store.set_app(&app(), &settings, None).await.unwrap();
    let shared = ("shared", noise(1, 600_000));
    let first = [shared.clone(), ("only", noise(2, 100_000))];
    new(&store, apply(files(&first))).await;
    let second = new(
        &store,
        apply(files(&[shared, ("other", noise(3, 100_000))])),
    )
    .await;
    let small = new(&store, apply(files(&[("small", "x".into())]))).await;
    assert!(second.inline.is_empty() && !small.inline.is_empty());
    let third = new(&store, apply(files(&first[..1]))).await;

    // A manifest and two chunks of one file, and what others had.
    let collected = store.collect().await.unwrap();
    assert_eq!(
        (collected.referenced, collected.removed),
        (7, 0),
        "{collected:?}"
    );
    world.pass(COLLECTION_GRACE / 2);
    assert_eq!(
        store.retire(&app()).await.unwrap(),
        [1, 2],
        "the third is stable"
    );
    let collected = store.collect().await.unwrap();
    let counts = (collected.referenced, collected.young, collected.removed);
    assert_eq!(counts, (3, 4, 0));

    // Somebody relies again on what is about to go.
    let fourth = new(&store, apply(files(&first))).await;
    world.pass(COLLECTION_GRACE / 2 + COLLECTION_GRACE / 100);
    let collected = store.collect().await.unwrap();
    let counts = (collected.referenced, collected.young, collected.removed);
    assert_eq!(
        counts,
        (5, 0, 2),
        "the second's manifest, and its other file"
    );
    assert!(
        (100_000..101_000).contains(&collected.removed_bytes),
        "{collected:?}"
    );
    for release in [third, fourth] {
        let files = store.bundle(&release).await.unwrap().files;
        assert_eq!(files.len(), release.files as usize);
    }
    let again = store.collect().await.unwrap();
    assert_eq!((again.referenced, again.young, again.removed), (5, 0, 0));
}

#[tokio::test]
async fn nothing_is_collected_where_a_release_cannot_be_read() {
    let world = World::start().await;
    let store = Store::new(&world.client);
    let first = new(&store, apply(files(&[("a", noise(1, 100_000))]))).await;
    let path = dockeeper_model::layout::blob(&first.manifest);
    world.client.set(&path, "damaged", None).await.unwrap();
    world.pass(COLLECTION_GRACE * 2);
    let refused = store.collect().await.unwrap_err();
    assert!(refused.to_string().starts_with(&path), "{refused}");
}
