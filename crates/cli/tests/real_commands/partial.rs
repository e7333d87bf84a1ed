//! Trees of which a part may not be read, or not written.

use crate::world::World;
use dockeeper_zk_client::{Acl, Client, Config, CreateMode};
use std::fs;

const PERSISTENT: CreateMode = CreateMode::Persistent;

/// Who may read everything below the default chroot.
const OWNER: &str = "me:secret";

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_read_is_listed_exported_and_copied() {
    let world = World::start().await;
    let servers = format!("{}/dockeeper", world.address).parse().unwrap();
    let owner = Client::connect(Config::new(servers).with_digest(OWNER));
    let seen = [Acl::creator_all(), Acl::read_only()].concat();
    for (path, acl) in [
        ("/locked", Acl::creator_all()),
        ("/locked/below", Acl::open()),
        ("/masked", seen),
        ("/masked/below", Acl::open()),
        ("/open", Acl::open()),
        ("/open/a", Acl::open()),
        ("/plain", Acl::open()),
    ] {
        let created = owner.create_with_acl(path, "", PERSISTENT, acl).await;
        created.unwrap();
    }
    owner.close().await;
    list(&world).await;
    export(&world).await;
    copy(&world).await;
    stopped(&world).await;
    half_deleted(&world).await;
    world.end().await;
}

async fn list(world: &World) {
    let listing = ["zk", "ls", "-R", "/dockeeper", "-o", "name"];
    let ended = world.run(&listing).await;
    assert_eq!(ended.code, Some(7), "{}", ended.stderr);
    let paths = [
        "locked",
        "masked",
        "masked/below",
        "open",
        "open/a",
        "plain",
    ];
    let lines: String = paths.map(|path| format!("/dockeeper/{path}\n")).concat();
    assert_eq!(ended.stdout, lines);
    let named = "hides 1 znode from anybody without credentials; what may lie below is not \
                 listed:\n  /dockeeper/locked\n";
    assert!(ended.stderr.contains(named), "{}", ended.stderr);
    assert!(ended.stderr.contains("--zk-auth"), "{}", ended.stderr);

    let all = [&listing[..], &["--zk-auth", OWNER]].concat();
    let all = world.run(&all).await;
    assert_eq!(all.code, Some(0), "{}", all.stderr);
    assert!(all.stdout.contains("/dockeeper/locked/below\n"));

    let removed = world.run(&["zk", "rm", "-r", "/dockeeper"]).await;
    assert_eq!(removed.code, Some(5), "{}", removed.stderr);
    assert_eq!(world.run(&listing).await.stdout, lines);
}

async fn export(world: &World) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tree.jsonl");
    let shown = file.to_str().unwrap();
    let export = ["zk", "export", "/dockeeper", "--file", shown];
    let ended = world.run(&export).await;
    assert_eq!(ended.code, Some(7), "{}", ended.stderr);
    assert!(
        ended.stderr.starts_with("4 znodes exported"),
        "{}",
        ended.stderr
    );
    let named = "the export lacks them and what lies below:\n  /dockeeper/locked\n  \
                 /dockeeper/masked (its access control list is shown in full only to ADMIN)\n";
    assert!(ended.stderr.contains(named), "{}", ended.stderr);
    let lines = fs::read_to_string(&file).unwrap();
    assert_eq!(lines.lines().count(), 4, "{lines}");

    let open = ["zk", "export", "/dockeeper", "--no-acl"];
    let open = world.run(&open).await;
    assert_eq!(open.code, Some(7), "{}", open.stderr);
    assert_eq!(open.stdout.lines().count(), 6, "{}", open.stdout);

    // Of the first one there is nothing at all.
    let nothing = world.run(&["zk", "export", "/dockeeper/masked"]).await;
    assert_eq!(nothing.code, Some(5), "{}", nothing.stderr);
    assert!(nothing.stderr.contains("ADMIN"), "{}", nothing.stderr);
}

async fn copy(world: &World) {
    let (from, to) = (
        format!("{}/dockeeper", world.address),
        format!("{}/copy", world.address),
    );
    let arguments = ["migrate", "--from", &from, "--to", &to];
    let named = ":\n  /dockeeper/locked\n  /dockeeper/masked (";
    let dry = [&arguments[..], &["--dry-run"]].concat();
    let dry = world.run(&dry).await;
    assert_eq!(dry.code, Some(7), "{}", dry.stderr);
    let would = "create /\ncreate /open\ncreate /plain\ncreate /open/a\n";
    assert_eq!(dry.stdout, would);
    assert!(dry.stderr.contains("nothing was written"), "{}", dry.stderr);
    assert!(dry.stderr.contains(named), "{}", dry.stderr);

    let ended = world.run(&arguments).await;
    assert_eq!(ended.code, Some(7), "{}", ended.stderr);
    assert!(ended.stdout.starts_with("4 created,"), "{}", ended.stdout);
    assert!(ended.stderr.contains(named), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("DOCKEEPER_FROM_AUTH or --from-auth"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("what may be read is the same"),
        "{}",
        ended.stderr
    );

    let auth = ["--from-auth", OWNER, "--to-auth", OWNER];
    let whole = world.run(&[&arguments[..], &auth].concat()).await;
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    assert!(whole.stdout.starts_with("4 created,"), "{}", whole.stdout);
}

/// The target refuses in the middle of a copy.
async fn stopped(world: &World) {
    let root = Config::new(world.address.parse().unwrap());
    let owner = Client::connect(root.with_digest(OWNER));
    for (path, acl) in [
        ("/shut", Acl::open()),
        ("/shut/open", Acl::open()),
        ("/shut/open/a", Acl::creator_all()),
    ] {
        let created = owner.create_with_acl(path, "", PERSISTENT, acl).await;
        created.unwrap();
    }
    owner.close().await;
    let (from, to) = (
        format!("{}/dockeeper", world.address),
        format!("{}/shut", world.address),
    );
    let ended = world.run(&["migrate", "--from", &from, "--to", &to]).await;
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    let told = "written before it failed: 1 created, 0 changed; it can be run again";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("DOCKEEPER_TO_AUTH or --to-auth"),
        "{}",
        ended.stderr
    );
}

/// A part of a tree may not be deleted.
async fn half_deleted(world: &World) {
    let root = Client::connect(Config::new(world.address.parse().unwrap()));
    for path in ["/half", "/half/a", "/half/kept", "/half/kept/x"] {
        root.create(path, "", PERSISTENT).await.unwrap();
    }
    root.set_acl("/half/kept", Acl::read_only(), None)
        .await
        .unwrap();
    let again = "it can be run again for the rest";
    for (deleted, code) in [("1 znode deleted before it failed; ", 7), ("", 5)] {
        let ended = world.run(&["zk", "rm", "-r", "/half"]).await;
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert!(ended.stderr.contains(deleted), "{}", ended.stderr);
        assert_eq!(ended.stderr.contains(again), code == 7, "{}", ended.stderr);
        assert!(ended.stderr.contains("credentials"), "{}", ended.stderr);
    }
    let (names, _) = root.list("/half").await.unwrap();
    assert_eq!(names, ["kept"]);
    root.close().await;
}
