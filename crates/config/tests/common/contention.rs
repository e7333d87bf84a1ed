//! Many publishers at once.

use crate::scenarios::{app, everyone, head, set};
use dockeeper_config::store::{Error, Publication, Published, Store};
use dockeeper_model::layout;
use dockeeper_zk_client::Client;

/// Each sets values of its own, and all are there at the end, each in a release of its own.
pub(crate) async fn crowd(clients: &[Client], direct: &Client, each: usize) {
    let publishers = (0_usize..).zip(clients).map(|(n, client)| {
        let store = Store::new(client);
        // That it can be spawned is a part of the test.
        tokio::spawn(async move {
            for value in 0..each {
                let publication = set(&[(&format!("K{n}.{value}"), Some("x"))]);
                new_in_a_crowd(&store, &publication).await;
            }
        })
    });
    for publisher in publishers.collect::<Vec<_>>() {
        publisher.await.unwrap();
    }
    let store = Store::new(direct);
    direct.sync(layout::CONFIG).await.unwrap();
    let count = clients.len() * each;
    assert_eq!(head(&store).await.keys.len(), count);
    let history = store.history(&app(), usize::MAX).await.unwrap();
    let keys: Vec<_> = history
        .iter()
        .map(|release| release.keys as usize)
        .collect();
    assert_eq!(keys, Vec::from_iter((1..=count).rev()), "each once");
}

async fn new_in_a_crowd(store: &Store, publication: &Publication) {
    loop {
        match store.publish(&app(), publication, everyone).await {
            Ok(Published::New(_)) => return,
            // Nothing has changed: it is up to the caller.
            Err(Error::Contended { .. }) => {}
            Err(Error::ZooKeeper(error)) if error.is_disconnected() => {
                panic!("it is said to be made or not: {error}")
            }
            other => panic!("{other:?}"),
        }
    }
}
