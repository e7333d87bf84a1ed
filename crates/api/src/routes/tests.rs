//! Requests of containers and others, against a keeper.

mod world;

use crate::{
    holds::{HOLDS_EACH_MAX, HOLDS_MAX},
    peer::{Peer, Unknown},
};
use axum::http::{StatusCode, header::ALLOW};
use dockeeper_engine::fake::Faults;
use serde_json::Value;
use std::collections::BTreeSet;
use tokio::time::timeout;
use world::{LIMIT, World, host, peer};

#[tokio::test]
async fn a_lock_is_held_until_its_own_container_releases_it() {
    let world = World::start().await;
    let (id, one) = world.container("one");
    let (_, other) = world.container("other");
    let (status, held) = world.ask(&one, "POST", "/v1/locks/l").await;
    assert_eq!(status, StatusCode::OK, "{held}");
    assert_eq!(held["state"], "held");
    assert_eq!(held["path"], "/dockeeper/locks/l");
    let node = held["node"].as_str().unwrap();
    assert!(node.starts_with("/dockeeper/locks/l/_c_"), "{node}");
    assert!(held["sureForSeconds"].as_f64().unwrap() > 0.0, "{held}");

    let (_, shown) = world.ask(&other, "GET", "/v1/locks/l").await;
    let [holder] = &shown["holders"].as_array().unwrap()[..] else {
        panic!("{shown}");
    };
    assert_eq!(holder["node"], held["node"]);
    assert_eq!(holder["token"], held["token"]);
    assert_eq!(holder["session"], held["session"]);
    assert_eq!(holder["who"]["container"]["id"], id.to_string());
    assert_eq!(holder["who"]["container"]["name"], "one");
    assert_eq!(holder["who"]["node"], "h1");
    assert_eq!(holder["who"]["pid"], 7);

    let (status, problem) = world.ask(&other, "POST", "/v1/locks/l?wait=0").await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &"taken".into())
    );
    let (status, problem) = world.ask(&other, "POST", "/v1/locks/l?wait=10ms").await;
    let timed_out = (StatusCode::REQUEST_TIMEOUT, &"timed-out".into());
    assert_eq!((status, &problem["code"]), timed_out);

    let hold = format!("/v1/holds/{}", held["id"].as_str().unwrap());
    for stranger in [&other, &host()] {
        for method in ["GET", "DELETE"] {
            let (status, problem) = world.ask(stranger, method, &hold).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{problem}");
        }
        let (_, own) = world.ask(stranger, "GET", "/v1/holds").await;
        assert_eq!(own, Value::Array(Vec::new()));
    }
    let (_, own) = world.ask(&one, "GET", "/v1/holds").await;
    assert_eq!(own[0]["id"], held["id"]);
    assert_eq!(world.ask(&one, "GET", &hold).await.1["state"], "held");
    let (status, _) = world.ask(&one, "DELETE", &hold).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(world.ask(&one, "GET", &hold).await.0, StatusCode::NOT_FOUND);
    let (status, later) = world.ask(&other, "POST", "/v1/locks/l?wait=0").await;
    assert_eq!(status, StatusCode::OK, "{later}");
    assert!(later["token"].as_i64() > held["token"].as_i64());
}

#[tokio::test]
async fn a_containers_end_releases_what_it_holds() {
    let world = World::start().await;
    let (first, one) = world.container("one");
    let (second, two) = world.container("two");
    let (_, three) = world.container("three");
    world.ask(&one, "POST", "/v1/locks/l").await;
    let mut next = world.stream(&two, "/v1/locks/l").await;
    next.expect("waiting").await;
    assert!(world.fake.exit(first, 137));
    let held = next.expect("acquired").await;
    assert_eq!(held["state"], "held");

    // Its end is not told, but found when the events are there again.
    world.fake.set_faults(Faults {
        lost_percent: 100,
        ..Faults::default()
    });
    let mut last = world.stream(&three, "/v1/locks/l").await;
    last.expect("waiting").await;
    assert!(world.fake.exit(second, 0));
    world.fake.sever();
    let lost = next.expect("lost").await;
    assert_eq!(lost["reason"], "released");
    assert_eq!(next.next().await, None);
    last.expect("acquired").await;
}

#[tokio::test]
async fn a_dead_connection_releases_what_it_holds_or_waits_for() {
    let world = World::start().await;
    let (_, one) = world.container("one");
    let mut held = world.stream(&host(), "/v1/elections/leader").await;
    held.expect("waiting").await;
    held.expect("acquired").await;
    let mut next = world.stream(&one, "/v1/elections/leader").await;
    next.expect("waiting").await;
    drop(held);
    next.expect("acquired").await;

    let (_, kept) = world.ask(&one, "POST", "/v1/locks/l").await;
    let waiting = world.ask(&one, "POST", "/v1/locks/l?wait=1h");
    tokio::select! {
        answer = waiting => panic!("{answer:?}"),
        () = world.until_contenders("l", 2) => {}
    }
    world.until_contenders("l", 1).await;
    let hold = format!("/v1/holds/{}", kept["id"].as_str().unwrap());
    assert_eq!(world.ask(&one, "GET", &hold).await.1["state"], "held");
}

#[tokio::test]
async fn who_is_no_container_holds_with_a_connection_only() {
    let world = World::start().await;
    let (status, problem) = world.ask(&host(), "POST", "/v1/locks/l").await;
    let expected = (StatusCode::FORBIDDEN, &"no-container".into());
    assert_eq!((status, &problem["code"]), expected);
    let unknown = Peer(Err(Unknown::OtherNamespace));
    let response = world
        .request(&unknown, "POST", "/v1/locks/l", "text/event-stream")
        .await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let (_, problem) = world.ask(&unknown, "GET", "/v1/holds").await;
    assert_eq!(problem["code"], "unknown-caller");
    world
        .stream(&host(), "/v1/locks/l")
        .await
        .expect("waiting")
        .await;
}

#[tokio::test]
async fn nobody_holds_more_than_their_share() {
    let world = World::start().await;
    let (_, one) = world.container("one");
    let permits = "/v1/semaphores/s?permits=100";
    let mut open = Vec::new();
    for _ in 0..HOLDS_EACH_MAX {
        open.push(world.stream(&one, permits).await);
    }
    let (status, problem) = world.ask(&one, "POST", permits).await;
    let expected = (StatusCode::TOO_MANY_REQUESTS, &"too-many-holds".into());
    assert_eq!((status, &problem["code"]), expected);
    for number in 1..HOLDS_MAX / HOLDS_EACH_MAX {
        let (_, another) = world.container(&format!("c{number}"));
        for _ in 0..HOLDS_EACH_MAX {
            open.push(world.stream(&another, permits).await);
        }
    }
    let (_, another) = world.container("another");
    let (status, problem) = world.ask(&another, "POST", permits).await;
    let expected = (StatusCode::SERVICE_UNAVAILABLE, &"agent-full".into());
    assert_eq!((status, &problem["code"]), expected);
    for events in &mut open {
        events.expect("waiting").await;
        events.expect("acquired").await;
    }
    drop(open);
    let again = async {
        while world.ask(&another, "POST", permits).await.0 != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, again).await.unwrap();
}

#[tokio::test]
async fn an_agent_that_ends_releases_everything() {
    let world = World::start().await;
    let (_, one) = world.container("one");
    let mut held = world.stream(&one, "/v1/locks/a").await;
    held.expect("waiting").await;
    held.expect("acquired").await;
    world.ask(&one, "POST", "/v1/locks/b").await;
    world.coordination.close().await;
    assert_eq!(held.expect("lost").await["reason"], "released");
    let (status, problem) = world.ask(&one, "POST", "/v1/locks/a").await;
    let expected = (StatusCode::SERVICE_UNAVAILABLE, &"ending".into());
    assert_eq!((status, &problem["code"]), expected);
    for name in ["a", "b"] {
        world.until_contenders(name, 0).await;
    }
}

#[tokio::test]
async fn readers_share_a_lock_and_a_barrier_holds_up() {
    let world = World::start().await;
    let (_, one) = world.container("one");
    let shared = "/v1/locks/rw?mode=shared&wait=0";
    for _ in 0..2 {
        assert_eq!(world.ask(&one, "POST", shared).await.0, StatusCode::OK);
    }
    let (_, refused) = world
        .ask(&one, "POST", "/v1/locks/rw?mode=exclusive&wait=0")
        .await;
    assert_eq!(refused["code"], "taken");
    let (_, refused) = world.ask(&one, "POST", "/v1/locks/rw?wait=0").await;
    assert_eq!(refused["code"], "taken");
    let (_, shown) = world.ask(&one, "GET", "/v1/locks/rw").await;
    assert_eq!(shown["holders"].as_array().unwrap().len(), 2);

    let barrier = "/v1/barriers/b";
    assert_eq!(world.ask(&one, "GET", barrier).await.1["isClosed"], false);
    let client = world.coordination.reader.client().await.unwrap();
    let closed = dockeeper_recipes::Barrier::new(&client, "/barriers/b");
    closed.close("").await.unwrap();
    assert_eq!(world.ask(&one, "GET", barrier).await.1["isClosed"], true);
    let (status, _) = world.ask(&one, "GET", "/v1/barriers/b?wait=10ms").await;
    assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
    let (opened, (status, _)) = tokio::join!(
        world.ask(&one, "GET", "/v1/barriers/b?wait=1m"),
        world.ask(&one, "DELETE", barrier)
    );
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(opened.0, StatusCode::OK);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_the_reason() {
    let world = World::start().await;
    let (_, one) = world.container("one");
    for (method, uri, expected) in [
        ("POST", "/v1/locks/a%2Fb", "cannot be a name"),
        ("POST", "/v1/locks/..", "cannot be a name"),
        ("POST", "/v1/locks/l?wait=soon", r#"wait="soon""#),
        ("POST", "/v1/locks/l?wiat=1s", "wiat"),
        (
            "POST",
            "/v1/locks/l?mode=both",
            "one of mutex, shared, exclusive",
        ),
        ("POST", "/v1/locks/l?names=etcd", "one of curator, kazoo"),
        ("POST", "/v1/semaphores/s", "permits is missing"),
        ("POST", "/v1/semaphores/s?permits=0", "from 1 to"),
        ("POST", "/v1/semaphores/s?permits=x", "from 1 to"),
        ("POST", "/v1/locks/l?wait=1s&wait=2s", "said twice"),
        ("POST", "/v1/elections/%ff", "not UTF-8"),
        ("PUT", "/v1/agent/check/pass/%ff", "not UTF-8"),
        ("PUT", "/v1/agent/check/fail/x?nose=1", "known: note"),
        ("GET", "/v1/barriers/b?wait=2h", "longer than 1h"),
    ] {
        let (status, problem) = world.ask(&one, method, uri).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{uri}: {problem}");
        assert_eq!(problem["code"], "bad-request");
        let message = problem["message"].as_str().unwrap();
        assert!(message.contains(expected), "{uri}: {message}");
    }
    for (method, uri, expected) in [
        ("GET", "/v1/lock/l", (StatusCode::NOT_FOUND, "no-such-path")),
        (
            "PUT",
            "/v1/agent/check/pass/x",
            (StatusCode::NOT_FOUND, "no-such-instance"),
        ),
        (
            "PUT",
            "/v1/holds",
            (StatusCode::METHOD_NOT_ALLOWED, "no-such-method"),
        ),
        (
            "GET",
            "/v1/agent/check/pass/x",
            (StatusCode::METHOD_NOT_ALLOWED, "no-such-method"),
        ),
    ] {
        let (status, problem) = world.ask(&one, method, uri).await;
        let code = problem["code"].as_str().unwrap_or_default();
        assert_eq!((status, code), expected, "{method} {uri}");
    }
    let refused = world.request(&one, "PUT", "/v1/holds", "*/*").await;
    assert_eq!(refused.headers()[ALLOW], "GET,HEAD");
}

#[tokio::test]
async fn nobody_waits_longer_than_asked_for_a_silent_zookeeper() {
    let world = World::with_silent_zookeeper().await;
    let (_, one) = world.container("one");
    for (method, uri) in [
        ("POST", "/v1/locks/l?wait=50ms"),
        ("GET", "/v1/barriers/b?wait=50ms"),
    ] {
        let (status, problem) = world.ask(&one, method, uri).await;
        let expected = (StatusCode::SERVICE_UNAVAILABLE, &"no-zookeeper".into());
        assert_eq!((status, &problem["code"]), expected, "{problem}");
    }
}

#[tokio::test]
async fn without_zookeeper_or_docker_nothing_is_granted() {
    let world = World::without_zookeeper();
    let (id, one) = world.container("one");
    for (method, uri) in [("POST", "/v1/locks/l"), ("GET", "/v1/locks/l")] {
        let (status, problem) = world.ask(&one, method, uri).await;
        let expected = (StatusCode::SERVICE_UNAVAILABLE, &"no-zookeeper".into());
        assert_eq!((status, &problem["code"]), expected, "{problem}");
    }
    let mut events = world.stream(&one, "/v1/locks/l").await;
    events.expect("waiting").await;
    assert_eq!(events.expect("refused").await["reason"], "no-zookeeper");
    assert_eq!(events.next().await, None);
    world.fake.set_reachable(false);
    let (_, problem) = world.ask(&peer(&[id]), "POST", "/v1/locks/l").await;
    assert_eq!(problem["code"], "no-docker");
}

/// The description is kept by hand.
#[tokio::test]
async fn everything_that_can_be_asked_is_described_and_nothing_else() {
    const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "PATCH"];
    let world = World::without_zookeeper();
    let (status, description) = world.ask(&host(), "GET", "/v1/openapi.json").await;
    assert_eq!(status, StatusCode::OK);
    let paths = description["paths"].as_object().unwrap();
    let described: BTreeSet<_> = paths.keys().map(String::as_str).collect();
    let routed = super::table().map(|(path, _)| path).into_iter();
    let routed: BTreeSet<_> = routed.chain(crate::checks::PATHS).collect();
    assert_eq!(described, routed);
    for path in described {
        for method in METHODS {
            let uri = path.replace(['{', '}'], "");
            let (status, _) = world.ask(&host(), method, &uri).await;
            let is_described = paths[path].get(method.to_lowercase()).is_some();
            let is_routed = status != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(is_described, is_routed, "{method} {path}");
        }
    }
    // Each reference leads somewhere.
    let text = description.to_string();
    for reference in text.split(r##""#/"##).skip(1) {
        let pointer = format!("/{}", reference.split('"').next().unwrap());
        assert!(description.pointer(&pointer).is_some(), "{pointer}");
    }
}
