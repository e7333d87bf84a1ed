//! `dockeeper migrate`, `zk export` and `zk import`.

use crate::{
    program::{self, Ended},
    world::World,
};
use dockeeper_zk_client::{Acl, Client, Config, CreateMode, Multi, perms};
use std::{fs, path::Path};

const PERSISTENT: CreateMode = CreateMode::Persistent;

/// A digest's hash, so that the digest can be used: `me:secret`.
const SECRET: &str = "me:secret";

async fn root(world: &World) -> Client {
    Client::connect(Config::new(world.address.parse().unwrap()))
}

/// Something of everything, below `/src`.
async fn plant(world: &World, client: &Client) {
    for (path, data) in [
        ("/src", "top"),
        ("/src/a", "1"),
        ("/src/a/b", ""),
        ("/src/ü x", "2"),
    ] {
        client.create(path, data, PERSISTENT).await.unwrap();
    }
    client
        .create("/src/a/big", vec![7; 900_000], PERSISTENT)
        .await
        .unwrap();
    client
        .create("/src/services", "", PERSISTENT)
        .await
        .unwrap();
    client
        .create("/src/services/web", "", CreateMode::Container)
        .await
        .unwrap();
    client
        .create("/src/services/web/1", "", CreateMode::Ephemeral)
        .await
        .unwrap();
    client.create("/src/many", "", PERSISTENT).await.unwrap();
    for thousand in 0..3 {
        let multi = (0..1000).fold(Multi::new(), |multi, number| {
            let path = format!("/src/many/{:04}", thousand * 1000 + number);
            multi.create(&path, format!("{number}"), PERSISTENT)
        });
        client.multi(multi).await.unwrap();
    }
    let config = Config::new(world.address.parse().unwrap());
    let owner = Client::connect(config.with_digest(SECRET));
    let acl = [Acl::creator_all(), Acl::read_only()].concat();
    let created = owner.create_with_acl("/src/acl", "3", PERSISTENT, acl);
    created.await.unwrap();
    owner.close().await;
}

/// What `plant` makes, but for the ephemeral znode.
const PLANTED: u64 = 3009;

async fn migrate(world: &World, to: &str, more: &[&str]) -> Ended {
    let (from, to) = (
        format!("{}/src", world.address),
        format!("{}{to}", world.address),
    );
    let arguments = [&["migrate", "--from", &from, "--to", &to], more].concat();
    world.run(&arguments).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_is_copied_compared_and_copied_again() {
    let world = World::start().await;
    let client = root(&world).await;
    plant(&world, &client).await;
    hidden(&world, &client).await;
    whole(&world, &client).await;
    again(&world, &client).await;
    parts(&world, &client).await;
    in_the_way(&world, &client).await;
    nowhere(&world).await;
    client.close().await;
    world.end().await;
}

/// Half a digest is not copied.
async fn hidden(world: &World, client: &Client) {
    for more in [&["--dry-run"][..], &[]] {
        let ended = migrate(world, "/dst", more).await;
        assert_eq!(ended.code, Some(7), "{}", ended.stderr);
        assert!(ended.stderr.contains("\n  /src/acl ("), "{}", ended.stderr);
        assert!(ended.stderr.contains("ADMIN"), "{}", ended.stderr);
    }
    assert_eq!(client.exists("/dst/acl").await.unwrap(), None);
}

async fn whole(world: &World, client: &Client) {
    let auth = [
        "--from-auth",
        SECRET,
        "--to-auth",
        SECRET,
        "--container",
        "/services/*",
    ];
    let dry = migrate(world, "/deep/er/dst", &[&auth[..], &["--dry-run"]].concat()).await;
    assert_eq!(dry.code, Some(0), "{}", dry.stderr);
    assert_eq!(dry.stdout.lines().count() as u64, PLANTED, "{}", dry.stdout);
    assert!(dry.stdout.starts_with("create /\n"), "{}", dry.stdout);
    assert!(dry.stderr.contains("nothing was written"), "{}", dry.stderr);
    assert_eq!(client.exists("/deep").await.unwrap(), None);

    let ended = migrate(world, "/deep/er/dst", &auth).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let lines: Vec<_> = ended.stdout.lines().collect();
    let summary = format!("{PLANTED} created, 0 changed, 0 the same; 1 ephemeral znode left out");
    assert_eq!(lines[0], summary);
    let digest = |line: &str, end: &str| {
        let rest = line.strip_prefix(end).unwrap().trim_start().to_owned();
        assert!(rest.ends_with(&format!(", {PLANTED} znodes")), "{rest}");
        rest
    };
    assert_eq!(digest(lines[1], "from"), digest(lines[2], "to"));
    assert!(ended.stderr.contains("verified"), "{}", ended.stderr);
    assert_eq!(client.get("/deep/er/dst").await.unwrap().0, "top");
    assert_eq!(client.get("/deep/er/dst/ü x").await.unwrap().0, "2");
    assert_eq!(
        client.get("/deep/er/dst/a/big").await.unwrap().0.len(),
        900_000
    );
    assert_eq!(
        client.exists("/deep/er/dst/services/web/1").await.unwrap(),
        None
    );

    let config = Config::new(world.address.parse().unwrap()).with_digest(SECRET);
    let owner = Client::connect(config);
    let acl = owner.get_acl("/deep/er/dst/acl").await.unwrap().0;
    assert_eq!(acl, owner.get_acl("/src/acl").await.unwrap().0);
    assert_eq!(acl[0].perms, perms::ALL);
    owner.close().await;
}

/// A second run writes only what differs, and leaves what is only there.
async fn again(world: &World, client: &Client) {
    client.set("/src/a", "new", None).await.unwrap();
    client.set("/src/a/b", "other length", None).await.unwrap();
    client
        .set_acl("/src/ü x", Acl::read_only(), None)
        .await
        .unwrap();
    client.delete("/src/many/0007", None).await.unwrap();
    client
        .create_all("/deep/er/dst/a/only/there", PERSISTENT)
        .await
        .unwrap();
    let auth = ["--from-auth", SECRET, "--to-auth", SECRET];
    let ended = migrate(world, "/deep/er/dst", &auth).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let same = PLANTED - 4;
    assert!(
        ended
            .stdout
            .starts_with(&format!("0 created, 3 changed, {same} the same;")),
        "{}",
        ended.stdout
    );
    let others =
        "2 znodes only at the target, left with what lies below:\n  /a/only\n  /many/0007\n";
    assert!(ended.stderr.contains(others), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("does not tell which znodes"),
        "{}",
        ended.stderr
    );
    assert_eq!(
        client.get("/deep/er/dst/a/b").await.unwrap().0,
        "other length"
    );
    let acl = client.get_acl("/deep/er/dst/ü x").await.unwrap().0;
    assert_eq!(acl, Acl::read_only());
}

/// A part lands where it was, with copies of what is above it.
async fn parts(world: &World, client: &Client) {
    let ended = migrate(world, "/part", &["--path", "/a"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.starts_with("4 created,"), "{}", ended.stdout);
    assert_eq!(client.get("/part").await.unwrap().0, "top");
    let (names, _) = client.list("/part").await.unwrap();
    assert_eq!(names, ["a"]);
}

async fn in_the_way(world: &World, client: &Client) {
    client.create("/way", "", PERSISTENT).await.unwrap();
    client
        .create("/way/a", "", CreateMode::Ephemeral)
        .await
        .unwrap();
    let ended = migrate(world, "/way", &["--path", "/a"]).await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("/a is an ephemeral znode"),
        "{}",
        ended.stderr
    );
}

async fn nowhere(world: &World) {
    let ended = migrate(world, "/x", &["--path", "/none"]).await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("/src/none"), "{}", ended.stderr);
    for (to, why) in [
        ("/src/copy", "would be copied"),
        // `/src/src` would be written over `/src`.
        ("/", "written over"),
        ("/zookeeper/x", "ZooKeeper's own"),
    ] {
        let refused = migrate(world, to, &[]).await;
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }
    let own = format!("{}/", world.address);
    let own = [
        "migrate",
        "--from",
        "192.0.2.1",
        "--to",
        &own,
        "--path",
        "/zookeeper",
    ];
    let own = world.run(&own).await;
    assert_eq!(own.code, Some(2), "{}", own.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_holds_a_tree() {
    let world = World::start().await;
    let client = root(&world).await;
    plant(&world, &client).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tree.jsonl");
    export(&world, &file).await;
    import(&world, &client, &file).await;
    bad_files(&world, folder.path()).await;
    client.close().await;
    world.end().await;
}

async fn export(world: &World, file: &Path) {
    let shown = file.to_str().unwrap();
    let arguments = ["zk", "export", "/src", "--file", shown];
    let hidden = world.run(&arguments).await;
    assert_eq!(hidden.code, Some(7), "{}", hidden.stderr);
    assert!(!fs::read_to_string(file).unwrap().contains("/src/acl"));
    let beside = fs::read_dir(file.parent().unwrap()).unwrap();
    assert_eq!(beside.count(), 1, "nothing but the export is left");

    let all = [
        &arguments[..],
        &["--zk-auth", SECRET, "--ttl", "/src/a/*=1h"],
    ]
    .concat();
    let ended = world.run(&all).await;
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(0), ""),
        "{}",
        ended.stderr
    );
    let told = format!("{PLANTED} znodes exported; 1 ephemeral znode left out\n");
    assert_eq!(ended.stderr, told);
    let lines = fs::read_to_string(file).unwrap();
    assert_eq!(lines.lines().count() as u64, PLANTED);
    assert!(
        lines.starts_with("{\"path\":\"/src\",\"data\":\"dG9w\",\"acl\":["),
        "{}",
        &lines[..99]
    );
    assert!(lines.contains("\"kind\":\"ttl\",\"ttlMs\":3600000}"));

    let open = world.run(&["zk", "export", "/src/acl", "--no-acl"]).await;
    assert_eq!(open.stdout, "{\"path\":\"/src/acl\",\"data\":\"Mw==\"}\n");
}

async fn import(world: &World, client: &Client, file: &Path) {
    let shown = file.to_str().unwrap();
    let arguments = [
        "zk",
        "import",
        shown,
        "--path",
        "/copy/of",
        "--zk-auth",
        SECRET,
    ];
    for told in [
        format!("{PLANTED} created, 0 changed, 0 there already\n"),
        format!("0 created, 0 changed, {PLANTED} there already\n"),
    ] {
        let ended = world.run(&arguments).await;
        assert_eq!((ended.code, ended.stderr), (Some(0), told));
    }
    assert_eq!(client.get("/copy/of/src/a").await.unwrap().0, "1");

    client.set("/copy/of/src/a", "mine", None).await.unwrap();
    let kept = world.run(&arguments).await;
    assert_eq!(kept.code, Some(1), "{}", kept.stderr);
    assert!(
        kept.stderr
            .contains("--overwrite changes them):\n  /copy/of/src/a\n"),
        "{}",
        kept.stderr
    );
    assert_eq!(client.get("/copy/of/src/a").await.unwrap().0, "mine");
    let overwritten = world
        .run(&[&arguments[..], &["--overwrite"]].concat())
        .await;
    assert_eq!(overwritten.code, Some(0), "{}", overwritten.stderr);
    assert!(
        overwritten.stderr.starts_with("0 created, 1 changed,"),
        "{}",
        overwritten.stderr
    );

    // From a pipe, sorted, which puts a znode right before those below it.
    let mut lines: Vec<_> = fs::read_to_string(file)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    let sorted = file.with_extension("sorted");
    fs::write(&sorted, lines.join("\n")).unwrap();
    let mut command = program::dockeeper(&["zk", "import", "-", "--path", "/piped"]);
    let command = command
        .env("DOCKEEPER_ZK", &world.address)
        .env("DOCKEEPER_ZK_AUTH", SECRET);
    let output = command
        .stdin(fs::File::open(&sorted).unwrap())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let below = client.count_descendants("/piped/src").await.unwrap();
    assert_eq!(u64::from(below), PLANTED - 1);
}

async fn bad_files(world: &World, folder: &Path) {
    let file = folder.join("bad");
    fs::write(
        &file,
        "{\"path\":\"/bad\",\"data\":\"\"}\n{\"path\":\"bad\",\"data\":\"\"}\n",
    )
    .unwrap();
    let ended = world.run(&["zk", "import", file.to_str().unwrap()]).await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("line 2 of"), "{}", ended.stderr);
    let told = "written before it failed: 0 created,";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);

    fs::write(
        &file,
        "{\"path\":\"/zookeeper/x\",\"data\":\"\"}\n{\"path\":\"/good\",\"data\":\"\"}\n",
    )
    .unwrap();
    let ended = world.run(&["zk", "import", file.to_str().unwrap()]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.starts_with("1 created,") && ended.stderr.contains("1 line left out: "),
        "{}",
        ended.stderr
    );
}
