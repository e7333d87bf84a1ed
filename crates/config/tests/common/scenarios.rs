//! What the scenarios have in common, which are played with any server.

use bytes::Bytes;
use dockeeper_config::{
    bundle::{Bundle, BundleFile},
    rollout,
    store::{Beginning, Edit, Error, Publication, Published, Store},
};
use dockeeper_model::config::{AppName, FilePath, Release, Rollout};
use fastrand::Rng;
use std::collections::BTreeMap;

pub(crate) fn app() -> AppName {
    "web".parse().unwrap()
}

pub(crate) fn files(files: &[(&str, Bytes)]) -> BTreeMap<FilePath, BundleFile> {
    let files = files.iter().map(|(path, content)| {
        let file = BundleFile {
            mode: 0o644,
            uid: 0,
            gid: 0,
            content: content.clone(),
        };
        (path.parse().unwrap(), file)
    });
    files.collect()
}

/// What cannot be compressed.
pub(crate) fn noise(seed: u64, len: usize) -> Bytes {
    let mut noise = vec![0; len];
    Rng::with_seed(seed).fill(&mut noise);
    noise.into()
}

pub(crate) fn publication(edit: Edit) -> Publication {
    Publication {
        edit,
        by: "alice@h1".to_owned(),
        message: "a test".to_owned(),
        now_ms: 1_700_000_000_000,
        expect: None,
    }
}

pub(crate) fn apply(files: BTreeMap<FilePath, BundleFile>) -> Publication {
    publication(Edit::Apply(files))
}

pub(crate) fn set(values: &[(&str, Option<&str>)]) -> Publication {
    let values = values.iter().map(|(key, value)| {
        let value = value.map(str::to_owned);
        (key.parse().unwrap(), value)
    });
    publication(Edit::Set(values.collect()))
}

/// All at once.
pub(crate) fn everyone(beginning: &Beginning<'_>) -> Rollout {
    let release = beginning.release;
    rollout::everyone(beginning.before, release.release, "", release.created_ms)
}

pub(crate) async fn new(store: &Store, publication: Publication) -> Release {
    match store.publish(&app(), &publication, everyone).await.unwrap() {
        Published::New(release) => release,
        Published::Unchanged(release) => panic!("the same as {release:?}"),
    }
}

pub(crate) async fn head(store: &Store) -> Bundle {
    let head = store.head(&app()).await.unwrap().unwrap();
    store.bundle(&head).await.unwrap()
}

pub(crate) async fn refused(store: &Store, publication: Publication) -> Error {
    let published = store.publish(&app(), &publication, everyone).await;
    published.unwrap_err()
}
