//! Releases of many blobs.

use crate::scenarios::{app, apply, everyone, files, head, new, noise, refused, set};
use bytes::Bytes;
use dockeeper_config::store::{Error, Published, Store};
use dockeeper_model::layout;
use dockeeper_zk_client::Client;

pub(crate) async fn blobs(client: &Client) {
    let store = Store::new(client);
    let four_mib = 4 << 20;
    let content = files(&[
        ("noise", noise(1, four_mib)),
        ("more", noise(2, four_mib)),
        ("text", "listen 80;\n".repeat(100_000).into()),
        ("empty", Bytes::new()),
    ]);
    let first = new(&store, apply(content.clone())).await;
    assert!(first.inline.is_empty());
    assert_eq!(head(&store).await.files, content);
    // A change of a value needs all of it, and leaves the chunks as they are.
    let second = new(&store, set(&[("LEVEL", Some("info"))])).await;
    assert_eq!(store.bundle(&second).await.unwrap().files, content);

    let manifest = store.manifest(&second).await.unwrap();
    let chunk = manifest.files[&"noise".parse().unwrap()].chunks[3];
    let path = layout::blob(&chunk);
    let (packed, stat) = client.get(&path).await.unwrap();
    assert_eq!(stat.version, 0, "written once");
    let mut damaged = packed.to_vec();
    damaged[1000] ^= 1;
    client.set(&path, damaged, None).await.unwrap();
    let error = store.bundle(&second).await.unwrap_err();
    assert!(
        matches!(error, Error::WrongBlob { address, .. } if address == chunk),
        "{error}"
    );
    assert!(error.to_string().starts_with(&path), "{error}");
    client.delete(&path, None).await.unwrap();
    let error = store.bundle(&second).await.unwrap_err();
    assert!(
        matches!(error, Error::MissingBlob(address) if address == chunk),
        "{error}"
    );
    // As the error says.
    let mended = store
        .publish(&app(), &apply(content.clone()), everyone)
        .await
        .unwrap();
    assert!(matches!(mended, Published::Unchanged(_)));
    assert_eq!(head(&store).await.files, content);

    let too_long = apply(files(&[("noise", noise(1, four_mib + 1))]));
    let error = refused(&store, too_long).await;
    assert!(error.to_string().contains("data volume"), "{error}");
}
