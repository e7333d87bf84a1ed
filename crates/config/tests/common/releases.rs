//! Releases that follow each other.

use crate::scenarios::{app, apply, everyone, files, head, new, publication, refused, set};
use bytes::Bytes;
use dockeeper_config::store::{Edit, Error, FileEdit, Published, Store};
use dockeeper_model::config::Kind;
use dockeeper_zk_client::Client;

fn put(content: &'static str, mode: Option<u32>, owner: Option<(u32, u32)>) -> Edit {
    let content = Bytes::from_static(content.as_bytes());
    let edit = FileEdit {
        content,
        mode,
        owner,
    };
    Edit::Put("a".parse().unwrap(), Some(edit))
}

pub(crate) async fn edits(client: &Client) {
    let store = Store::new(client);
    assert!(store.head(&app()).await.unwrap().is_none());
    let both = || apply(files(&[("a", "1".into()), ("b", "1".into())]));
    let first = new(&store, both()).await;
    let unchanged = store.publish(&app(), &both(), everyone).await.unwrap();
    assert_eq!(unchanged, Published::Unchanged(first));

    // Files and values do not touch each other.
    let second = new(&store, set(&[("LEVEL", Some("info")), ("GONE", None)])).await;
    assert_eq!((second.files, second.keys, second.bytes), (2, 1, 2));
    let third = new(&store, apply(files(&[("a", "2".into())]))).await;
    assert_eq!((third.files, third.keys), (1, 1));

    new(&store, publication(put("3", Some(0o600), None))).await;
    new(&store, publication(put("4", None, Some((7, 8))))).await;
    let file = &head(&store).await.files[&"a".parse().unwrap()];
    let found = (file.mode, file.uid, file.gid, &*file.content);
    assert_eq!(found, (0o600, 7, 8, &b"4"[..]));
    let last = new(&store, publication(Edit::Put("a".parse().unwrap(), None))).await;
    assert_eq!((last.release, last.files, last.keys), (6, 0, 1));
}

pub(crate) async fn ways_back(client: &Client) {
    let store = Store::new(client);
    let error = refused(&store, publication(Edit::RollBack(None))).await;
    assert!(matches!(error, Error::NoApp(_)), "{error}");
    let first = new(&store, set(&[("N", Some("1"))])).await;
    let second = new(&store, set(&[("N", Some("2"))])).await;
    new(&store, set(&[("N", Some("3"))])).await;

    let back = new(&store, publication(Edit::RollBack(Some(2)))).await;
    assert_eq!(
        (back.release, back.of, back.kind),
        (4, Some(2), Kind::Rollback)
    );
    assert_eq!(back.manifest, second.manifest);
    let back = new(&store, publication(Edit::RollBack(None))).await;
    assert_eq!((back.of, back.manifest), (Some(1), first.manifest));
    let error = refused(&store, publication(Edit::RollBack(None))).await;
    assert!(
        matches!(error, Error::NothingBefore { before: 1, .. }),
        "{error}"
    );
    // What ends a rollout is a release in any case.
    let ended = new(&store, publication(Edit::AutoRollBack(5))).await;
    assert_eq!(
        (ended.manifest, ended.kind),
        (back.manifest, Kind::AutoRollback)
    );
    let error = refused(&store, publication(Edit::RollBack(Some(99)))).await;
    assert!(
        matches!(error, Error::NoRelease { release: 99, .. }),
        "{error}"
    );
}

pub(crate) async fn expectations_and_lists(client: &Client) {
    let store = Store::new(client);
    let mut first = set(&[("N", Some("1"))]);
    first.expect = Some(1);
    let error = refused(&store, first.clone()).await;
    assert!(
        matches!(error, Error::Overtaken { head: None, .. }),
        "{error}"
    );
    first.expect = Some(0);
    new(&store, first).await;
    new(&store, set(&[("N", Some("2"))])).await;
    let mut third = set(&[("N", Some("3"))]);
    third.expect = Some(1);
    let text = refused(&store, third.clone()).await.to_string();
    assert!(
        text.contains("release 2 was made by alice@h1 (a test)"),
        "{text}"
    );
    third.expect = Some(2);
    new(&store, third).await;

    let history = store.history(&app(), 2).await.unwrap();
    let numbers: Vec<_> = history.iter().map(|release| release.release).collect();
    assert_eq!(numbers, [3, 2]);
    let rollout = store.rollout(&app()).await.unwrap().unwrap();
    assert_eq!((rollout.release, rollout.stable), (3, Some(2)));
    let apps = store.apps().await.unwrap();
    let [summary] = &apps[..] else {
        panic!("{apps:?}");
    };
    let state = summary.state.as_ref().unwrap();
    assert_eq!(
        (&summary.app, state.head.as_ref()),
        (&app(), history.first())
    );
}
