//! Every operation, with its success and its typical errors.

use crate::{
    clients::{connect, ended},
    zk::{Zk, code, until},
};
use bytes::Bytes;
use dockeeper_zk_client::{
    Acl, Client, Config, CreateMode, Ended, ErrorCode, ErrorKind, EventKind, Multi, MultiResult,
    error::{NotSent, Unknown},
    perms,
};
use dockeeper_zk_proto::frame;

const PERSISTENT: CreateMode = CreateMode::Persistent;

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_and_its_errors() {
    let zk = Zk::start(1).await;
    let client = zk.client().await;
    creates(&client).await;
    create_alls(&client).await;
    sets_and_deletes(&client).await;
    reads(&client).await;
    multis(&client).await;
    limits(&zk, &client).await;
    lists(&client).await;
    containers(&client).await;
    identities(&zk, &client).await;
    chroots(&zk, &client).await;
    client.close().await;
    zk.stop().await;
}

async fn creates(client: &Client) {
    let created = client.create("/create", "data", PERSISTENT).await.unwrap();
    assert_eq!(created.path, "/create");
    assert_eq!(
        (created.stat.data_len, created.stat.ephemeral_owner),
        (4, 0)
    );
    let mode = CreateMode::Ephemeral;
    let ephemeral = client.create("/create/e", "", mode).await.unwrap();
    let session = client.session().unwrap();
    assert_eq!(ephemeral.stat.ephemeral_owner, session.id);
    for (mode, path, expected) in [
        (
            CreateMode::PersistentSequential,
            "/create/s-",
            "/create/s-0000000001",
        ),
        (
            CreateMode::EphemeralSequential,
            "/create/",
            "/create/0000000002",
        ),
        (CreateMode::Container, "/create/c", "/create/c"),
    ] {
        let created = client.create(path, "", mode).await.unwrap();
        assert_eq!(created.path, expected);
        let owner = if mode.is_ephemeral() { session.id } else { 0 };
        assert_eq!(created.stat.ephemeral_owner, owner, "{mode:?}");
    }

    let again = client.create("/create", "", PERSISTENT).await;
    assert_eq!(code(again), ErrorCode::NodeExists);
    let orphan = client.create("/create/x/y", "", PERSISTENT).await;
    assert_eq!(code(orphan), ErrorCode::NoNode);
    let child = client.create("/create/e/x", "", PERSISTENT).await;
    assert_eq!(code(child), ErrorCode::NoChildrenForEphemerals);
    let root = client.create("/", "", PERSISTENT).await;
    assert!(root.unwrap_err().code().is_some());
    let mut nobody = client.ephemerals("/create").await.unwrap();
    nobody.sort();
    assert_eq!(nobody, ["/create/0000000002", "/create/e"]);
    assert_eq!(client.ephemerals("/creat").await.unwrap(), [""; 0]);
}

async fn create_alls(client: &Client) {
    for path in ["/all/a/b/c", "/all/a/b/c", "/all/a", "/"] {
        client.create_all(path, PERSISTENT).await.unwrap();
    }
    client
        .create("/all/e", "", CreateMode::Ephemeral)
        .await
        .unwrap();
    let below = client.create_all("/all/e/x/y", PERSISTENT).await;
    assert_eq!(code(below), ErrorCode::NoChildrenForEphemerals);
    assert!(client.exists("/all/a/b/c").await.unwrap().is_some());
}

async fn sets_and_deletes(client: &Client) {
    client.create("/set", "0", PERSISTENT).await.unwrap();
    assert_eq!(client.set("/set", "1", None).await.unwrap().version, 1);
    assert_eq!(client.set("/set", "2", Some(1)).await.unwrap().version, 2);
    let outdated = client.set("/set", "3", Some(1)).await;
    assert_eq!(code(outdated), ErrorCode::BadVersion);
    assert_eq!(code(client.set("/none", "", None).await), ErrorCode::NoNode);
    assert_eq!(client.get("/set").await.unwrap().0, "2");

    client.create("/set/child", "", PERSISTENT).await.unwrap();
    assert_eq!(code(client.delete("/set", None).await), ErrorCode::NotEmpty);
    let outdated = client.delete("/set/child", Some(7)).await;
    assert_eq!(code(outdated), ErrorCode::BadVersion);
    client.delete("/set/child", Some(0)).await.unwrap();
    client.delete("/set", None).await.unwrap();
    assert_eq!(code(client.delete("/set", None).await), ErrorCode::NoNode);
}

async fn reads(client: &Client) {
    client.create("/read", "x", PERSISTENT).await.unwrap();
    for name in ["a", "b", "c"] {
        let path = format!("/read/{name}");
        client.create(&path, "", PERSISTENT).await.unwrap();
    }
    let (data, stat) = client.get("/read").await.unwrap();
    assert_eq!((data, stat.num_children), (Bytes::from("x"), 3));
    assert_eq!(client.exists("/read").await.unwrap(), Some(stat));
    assert_eq!(client.exists("/none").await.unwrap(), None);
    let (mut names, listed) = client.list("/read").await.unwrap();
    names.sort();
    assert_eq!(
        (names, listed),
        (["a", "b", "c"].map(str::to_owned).to_vec(), stat)
    );
    assert_eq!(code(client.get("/none").await), ErrorCode::NoNode);
    assert_eq!(code(client.list("/none").await), ErrorCode::NoNode);
    client.sync("/read").await.unwrap();
    let error = client.get("read").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotSent(NotSent::Path(_))));
}

async fn multis(client: &Client) {
    client.create("/multi", "", PERSISTENT).await.unwrap();
    let multi = Multi::new()
        .create("/multi/a", "1", PERSISTENT)
        .create("/multi/s-", "", CreateMode::PersistentSequential)
        .create("/multi/c", "", CreateMode::Container)
        .check("/multi/a", Some(0))
        .set("/multi/a", "2", Some(0))
        .delete("/multi/c", None);
    let results = client.multi(multi).await.unwrap();
    let [
        MultiResult::Created { path: first, .. },
        MultiResult::Created { path: second, .. },
        MultiResult::Created { stat: Some(_), .. },
        MultiResult::Checked,
        MultiResult::Set(stat),
        MultiResult::Deleted,
    ] = results.as_slice()
    else {
        panic!("{results:?}");
    };
    assert_eq!(
        (first.as_str(), second.as_str(), stat.version),
        ("/multi/a", "/multi/s-0000000001", 1)
    );
    for (last, path, expected) in [
        (
            Multi::new().check("/multi/a", Some(9)),
            "/multi/a",
            ErrorCode::BadVersion,
        ),
        (
            Multi::new().delete("/multi/none", None),
            "/multi/none",
            ErrorCode::NoNode,
        ),
        (
            Multi::new().create("/multi/a", "", PERSISTENT),
            "/multi/a",
            ErrorCode::NodeExists,
        ),
    ] {
        let error = client.multi(last.clone().set("/multi", "no", None)).await;
        let error = error.unwrap_err();
        assert_eq!((error.path(), error.code()), (path, Some(expected)));
    }
    assert_eq!(client.get("/multi").await.unwrap().0, "");
    assert_eq!(client.multi(Multi::new()).await.unwrap(), []);
}

/// The longest request goes through; a longer one is not sent, and costs nobody the connection.
async fn limits(zk: &Zk, client: &Client) {
    client.create("/limit", "", PERSISTENT).await.unwrap();
    // Behind the frame's length: the header, the path, the data and the version.
    let longest = frame::LEN_MAX_DEFAULT - 8 - (4 + "/limit".len()) - 4 - 4;
    let data = Bytes::from(vec![7; longest]);
    client.set("/limit", data.clone(), None).await.unwrap();
    assert_eq!(client.get("/limit").await.unwrap().0, data);
    let error = client
        .set("/limit", vec![7; longest + 1], None)
        .await
        .unwrap_err();
    let max = frame::LEN_MAX_DEFAULT;
    assert_eq!(*error.kind(), ErrorKind::NotSent(NotSent::TooLong { max }));

    let modest = connect(Config {
        reply_len_max: 10_000,
        ..zk.config()
    })
    .await;
    let reads: Vec<_> = (0..3).map(|_| modest.get("/limit")).collect();
    let around = futures_util::future::join(
        futures_util::future::join_all(reads),
        modest.exists("/limit"),
    );
    let (reads, exists) = around.await;
    assert!(exists.unwrap().is_some());
    for read in reads {
        let error = read.unwrap_err();
        let ErrorKind::Unknown(Unknown::TooLong {
            length,
            max: 10_000,
        }) = *error.kind()
        else {
            panic!("{error}");
        };
        assert!(length > longest);
        assert!(error.to_string().contains("reply_len_max"), "{error}");
    }
    assert_eq!(crate::zk::connection(&modest), 1, "the connection was lost");
    modest.close().await;
}

/// A list of children may be longer than `jute.maxbuffer`.
async fn lists(client: &Client) {
    const COUNT: usize = 12_000;
    client.create("/list", "", PERSISTENT).await.unwrap();
    let tail = "x".repeat(90);
    for hundred in 0..COUNT / 100 {
        let multi = (0..100).fold(Multi::new(), |multi, number| {
            let path = format!("/list/{:05}{tail}", hundred * 100 + number);
            multi.create(&path, "", PERSISTENT)
        });
        client.multi(multi).await.unwrap();
    }
    let (names, stat) = client.list("/list").await.unwrap();
    assert_eq!(names.len(), COUNT);
    assert_eq!(usize::try_from(stat.num_children).unwrap(), COUNT);
}

/// A container ends some time after its last child; `create_all` does not mind.
async fn containers(client: &Client) {
    let mode = CreateMode::Container;
    client.create_all("/containers/a/b", mode).await.unwrap();
    client.delete("/containers/a/b", None).await.unwrap();
    client.create_all("/containers/a/b/c", mode).await.unwrap();
}

async fn identities(zk: &Zk, client: &Client) {
    let own = connect(zk.config().with_digest("me:secret")).await;
    own.create("/mine", "x", PERSISTENT).await.unwrap();
    let (acl, stat) = own.get_acl("/mine").await.unwrap();
    assert_eq!((acl.len(), stat.aversion), (1, 0));
    assert_eq!(
        (acl[0].perms, acl[0].id.scheme.as_str()),
        (perms::ALL, "digest")
    );
    assert!(acl[0].id.id.starts_with("me:"), "{acl:?}");

    assert_eq!(code(client.get("/mine").await), ErrorCode::NoAuth);
    assert_eq!(code(client.set("/mine", "", None).await), ErrorCode::NoAuth);
    // A wrong password is a user that nothing is allowed to.
    let stranger = connect(zk.config().with_digest("me:wrong")).await;
    assert_eq!(code(stranger.get("/mine").await), ErrorCode::NoAuth);
    stranger.authenticate("digest", "me:secret").await;
    assert_eq!(stranger.get("/mine").await.unwrap().0, "x");

    let outdated = own.set_acl("/mine", Acl::read_only(), Some(3)).await;
    assert_eq!(code(outdated), ErrorCode::BadVersion);
    let empty = own.set_acl("/mine", Vec::new(), None).await;
    assert_eq!(code(empty), ErrorCode::InvalidAcl);
    let open = [Acl::read_only(), Acl::creator_all()].concat();
    let stat = own.set_acl("/mine", open, Some(0)).await.unwrap();
    assert_eq!(stat.aversion, 1);
    assert_eq!(client.get("/mine").await.unwrap().0, "x");
    // An open session may make what belongs to nobody's digest only with an identity.
    let nobody = client.create_with_acl("/x", "", PERSISTENT, Acl::creator_all());
    assert_eq!(code(nobody.await), ErrorCode::InvalidAcl);

    // The session of a scheme that the server does not know is over, for this client.
    let wrong = connect(zk.config()).await;
    wrong.authenticate("no-such-scheme", "x").await;
    assert_eq!(ended(&wrong).await, Ended::AuthFailed);
    let error = wrong.get("/").await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::NotSent(NotSent::AuthFailed));
    assert!(error.is_session_over());
    own.close().await;
    stranger.close().await;
}

async fn chroots(zk: &Zk, client: &Client) {
    let config = zk.config();
    let below = |chroot: &str| Config {
        servers: config.servers.with_chroot(chroot).unwrap(),
        ..config.clone()
    };
    client.create_all("/root/of", PERSISTENT).await.unwrap();
    let inside = connect(below("/root/of")).await;
    let (_, fired) = inside.exists_and_watch("/s-0000000000").await.unwrap();
    let mode = CreateMode::EphemeralSequential;
    let created = inside.create("/s-", "x", mode).await.unwrap();
    assert_eq!(created.path, "/s-0000000000");
    let event = fired.fired().await.unwrap();
    assert_eq!(
        (event.kind, event.path),
        (EventKind::Created, created.path.clone())
    );
    assert_eq!(client.get("/root/of/s-0000000000").await.unwrap().0, "x");
    assert_eq!(inside.list("/").await.unwrap().0, ["s-0000000000"]);
    assert_eq!(inside.ephemerals("/").await.unwrap(), ["/s-0000000000"]);
    let multi = Multi::new()
        .create("/m", "", PERSISTENT)
        .check("/none", None);
    assert_eq!(inside.multi(multi).await.unwrap_err().path(), "/none");
    let multi = Multi::new().create("/m-", "", CreateMode::PersistentSequential);
    let results = inside.multi(multi).await.unwrap();
    assert!(
        matches!(&results[..], [MultiResult::Created { path, .. }] if path == "/m-0000000001"),
        "{results:?}"
    );
    inside.close().await;
    until("the ephemeral is gone", async || {
        match client.exists("/root/of/s-0000000000").await.unwrap() {
            None => Ok(()),
            Some(stat) => Err(format!("{stat:?}")),
        }
    })
    .await;

    let nowhere = connect(below("/no/where")).await;
    assert_eq!(nowhere.exists("/").await.unwrap(), None);
    let orphan = nowhere.create("/x", "", PERSISTENT).await.unwrap_err();
    assert_eq!(
        (orphan.path(), orphan.code()),
        ("/x", Some(ErrorCode::NoNode))
    );
    nowhere.close().await;
}
