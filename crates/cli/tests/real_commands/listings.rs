use crate::{program::Ended, world::World};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn listings_show_what_is_registered() {
    let world = World::start().await;
    nothing_is_there(&world).await;
    world.put_node("h1", "10.0.0.1").await;
    world.put_node("h2", "10.0.0.2").await;
    nothing_runs(&world).await;
    world.put_container("h1", "1", None).await;
    world.put_container("h2", "2", None).await;
    world
        .put_container("h2", "3", Some("HEALTHCHECK: unhealthy"))
        .await;
    tables(&world).await;
    names(&world).await;
    json(&world).await;
    filters(&world).await;
    nothing_of_a_service(&world).await;
    inspect(&world).await;
    foreign_content(&world).await;
    world.end().await;
}

async fn nothing_is_there(world: &World) {
    for arguments in [
        &["ps"][..],
        &["nodes"],
        &["services"],
        &["discover", "web"],
        &["inspect", "web"],
        &["maintenance", "ls"],
        &["maintenance", "on", "--node", "h1", "--reason", "x"],
        &["nodes", "--watch"],
        &["watch", "nodes"],
    ] {
        let ended = world.run(arguments).await;
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(3), ""),
            "{arguments:?}"
        );
        let expected = format!(
            "error: there is no Dockeeper data under /dockeeper at {}: has an agent been started \
             with the same --zk?\n",
            world.address
        );
        assert_eq!(ended.stderr, expected, "{arguments:?}");
    }
    // The root of the tree, and a chroot that is not there.
    for (chroot, shown) in [("/", "/"), ("/none/at/all", "/none/at/all")] {
        let address = format!("{}{chroot}", world.address);
        let ended = world.run_at(&address, &["ps"]).await;
        assert_eq!(ended.code, Some(3), "{}", ended.stderr);
        assert!(
            ended.stderr.contains(&format!("under {shown} at")),
            "{}",
            ended.stderr
        );
    }
}

async fn nothing_runs(world: &World) {
    for (arguments, stdout, stderr) in [
        (&["ps"][..], "", "no container is registered\n"),
        (
            &["ps", "-o", "json"],
            "[]\n",
            "no container is registered\n",
        ),
        (&["ps", "-o", "name"], "", "no container is registered\n"),
        (
            &["services"],
            "",
            "no instance of any service is registered\n",
        ),
        (&["maintenance", "ls"], "", "nothing is out of service\n"),
    ] {
        let ended = world.run(arguments).await;
        assert_eq!(ended.code, Some(0), "{arguments:?}");
        assert_eq!(
            (ended.stdout.as_str(), ended.stderr.as_str()),
            (stdout, stderr)
        );
    }
}

async fn tables(world: &World) {
    let rows = |ended: Ended| {
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        // Ages depend on the day.
        let lines = ended.stdout.lines().map(|line| {
            let cells = line
                .split("   ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty());
            let cells = cells.filter(|cell| !cell.ends_with(" ago"));
            cells.collect::<Vec<_>>().join("|")
        });
        lines.collect::<Vec<_>>()
    };
    assert_eq!(
        rows(world.run(&["ps"]).await),
        [
            "CONTAINER ID|NODE|NAME|IMAGE|STATE|HEALTH|STARTED|SERVICES",
            "111111111111|h1|web-1|nginx|running|-|web",
            "222222222222|h2|web-2|nginx|running|-|web",
            "333333333333|h2|web-3|nginx|running|-|web (withheld)",
        ]
    );
    assert_eq!(
        rows(world.run(&["nodes"]).await),
        [
            "NAME|ADDRESS|STATUS|DOCKER|CPUS|MEMORY|AGENT|AGENT STARTED",
            "h1|10.0.0.1|ready|20.10.24|4|8.0 GiB|0.1.0",
            "h2|10.0.0.2|ready|20.10.24|4|8.0 GiB|0.1.0",
        ]
    );
    assert_eq!(
        rows(world.run(&["services", "-o", "wide"]).await),
        ["NAME|INSTANCES|TAGS|NODES", "web|2|blue, v1, v2|h1, h2"]
    );
    assert_eq!(
        rows(world.run(&["discover", "web"]).await),
        [
            "ENDPOINT|NODE|CONTAINER|TAGS|SINCE",
            "10.0.0.1:80|h1|web-1|blue, v1",
            "10.0.0.2:80|h2|web-2|blue, v2",
        ]
    );
    let wide = rows(world.run(&["ps", "-o", "wide"]).await);
    assert!(
        wide[3].contains("web at 10.0.0.3:80: HEALTHCHECK: unhealthy"),
        "{wide:?}"
    );
}

async fn names(world: &World) {
    for (arguments, names) in [
        (&["ps", "-o", "name"][..], "h1/web-1\nh2/web-2\nh2/web-3\n"),
        (&["nodes", "-o", "name"], "h1\nh2\n"),
        (&["services", "-o", "name"], "web\n"),
        (
            &["discover", "web", "-o", "name"],
            "10.0.0.1:80\n10.0.0.2:80\n",
        ),
        (
            &[
                "discover", "web", "--tag", "v2", "--tag", "blue", "-o", "name",
            ],
            "10.0.0.2:80\n",
        ),
    ] {
        let ended = world.run(arguments).await;
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(0), names),
            "{}",
            ended.stderr
        );
    }
}

async fn json(world: &World) {
    let parse = |ended: Ended| serde_json::from_str::<Value>(&ended.stdout).unwrap();
    let containers = parse(world.run(&["ps", "-o", "json"]).await);
    assert_eq!(containers[0]["id"], "1".repeat(64));
    assert_eq!(containers[0]["node"], "h1");
    assert_eq!(containers[0]["startedMs"], 1_700_000_000_000_i64);
    assert_eq!(
        containers[2]["instances"][0]["withheld"],
        "HEALTHCHECK: unhealthy"
    );
    let nodes = parse(world.run(&["nodes", "-o", "json"]).await);
    assert_eq!(nodes[1]["name"], "h2");
    assert_eq!(nodes[1]["engine"]["memoryBytes"], 8_u64 << 30);
    let services = parse(world.run(&["services", "-o", "json"]).await);
    assert_eq!(services[0]["instances"], 2);
    let instances = parse(world.run(&["discover", "web", "-o", "json"]).await);
    assert_eq!(instances[0]["port"], 80);
    assert_eq!(instances[0]["origin"]["containerName"], "web-1");
}

async fn filters(world: &World) {
    let names = async |arguments: &[&str]| world.run(arguments).await.stdout;
    assert_eq!(
        names(&["ps", "-o", "name", "--node", "h1"]).await,
        "h1/web-1\n"
    );
    assert_eq!(names(&["ps", "-o", "name", "--service", "api"]).await, "");
    for (arguments, code, why) in [
        (
            &["--node", "h9"][..],
            3,
            "error: no agent of the name h9 is registered; `dockeeper nodes` lists them\n",
        ),
        (
            &["--service", "api"],
            3,
            "error: no container that serves api is registered\n",
        ),
        (&["--node", "h3"], 0, "no container is registered on h3\n"),
        (
            &["--node", "h3", "--service", "web"],
            0,
            "no container that serves web is registered on h3\n",
        ),
    ] {
        world.put_node("h3", "10.0.0.3").await;
        let ended = world.run(&[&["ps"], arguments].concat()).await;
        world.remove("/nodes/h3").await;
        assert_eq!(
            (ended.code, ended.stderr.as_str()),
            (Some(code), why),
            "{arguments:?}"
        );
    }
}

async fn nothing_of_a_service(world: &World) {
    let ended = world.run(&["discover", "api"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""));
    assert_eq!(ended.stderr, "error: no instance of api is registered\n");
    let ended = world
        .run(&["discover", "web", "--tag", "v9", "-o", "json"])
        .await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), "[]\n"));
    assert_eq!(
        ended.stderr,
        "error: no instance of web with the tag v9 is registered\n  \
         h2/web-3 at 10.0.0.3:80 is withheld: HEALTHCHECK: unhealthy\n"
    );
}

async fn inspect(world: &World) {
    for (name, kind, field, value) in [
        ("web-1", "container", "node", "h1"),
        ("h2/web-2", "container", "name", "web-2"),
        ("33", "container", "name", "web-3"),
        ("h2", "node", "address", "10.0.0.2"),
        ("web-2:80", "instance", "address", "10.0.0.2"),
    ] {
        let ended = world.run(&["inspect", name]).await;
        let found: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(found[0]["type"], kind, "{name}");
        assert_eq!(found[0][field], value, "{name}");
    }
    world.put_container("h1", "2", None).await;
    let ended = world.run(&["inspect", "web-2"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(
        ended.stderr.contains("h1/web-2 (222222222222), h2/web-2"),
        "{}",
        ended.stderr
    );
    world
        .remove(&format!("/containers/h1/{}", "2".repeat(64)))
        .await;
    let ended = world.run(&["inspect", "web"]).await;
    assert_eq!(ended.code, Some(3));
    assert!(
        ended.stderr.contains("`dockeeper discover web`"),
        "{}",
        ended.stderr
    );
}

async fn foreign_content(world: &World) {
    for (path, content) in [
        ("/nodes/broken", "{"),
        ("/nodes/empty", ""),
        ("/nodes/object", "{}"),
        ("/containers/h1/broken", "\u{1b}[2J"),
        ("/containers/h1/object", "{}"),
        ("/services/web/foreign", "hello"),
        ("/services/other/foreign", "[]"),
    ] {
        world.put(path, content).await;
    }
    for (arguments, lines, skipped) in [
        (
            &["nodes", "-o", "name"][..],
            2,
            &["/nodes/broken", "/nodes/empty", "/nodes/object"][..],
        ),
        (
            &["ps", "-o", "name"],
            3,
            &["/containers/h1/broken", "/containers/h1/object"],
        ),
        (
            &["services", "-o", "name"],
            1,
            &["/services/other/foreign", "/services/web/foreign"],
        ),
        (
            &["discover", "web", "-o", "name"],
            2,
            &["/services/web/foreign"],
        ),
    ] {
        let ended = world.run(arguments).await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(ended.stdout.lines().count(), lines, "{}", ended.stdout);
        assert!(ended.stderr.starts_with("warning: "), "{}", ended.stderr);
        assert!(!ended.stderr.contains('\u{1b}'), "{}", ended.stderr);
        for path in skipped {
            assert!(ended.stderr.contains(path), "{}", ended.stderr);
        }
    }
    let ended = world.run(&["inspect", "h1"]).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}
