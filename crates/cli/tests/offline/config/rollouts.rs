use super::World;
use dockeeper_model::config::Step;
use serde_json::Value;

#[test]
fn a_release_begins_with_the_policys_first_stage() {
    let world = World::start();
    let options = ["--stages", "1,100%", "--bake", "30s", "--gate", "exec:true"];
    let shown = world.done(&[&["rollout", "policy", "web"], &options[..]].concat());
    assert_eq!(world.done(&["rollout", "policy", "web"]), shown);
    assert!(shown.starts_with("stages        1,100%\n"), "{shown}");
    world.done(&["set", "web", "A=1"]);
    for node in ["h1", "h2"] {
        world.report(node, 1, Step::Healthy, "");
    }
    world.done(&["set", "web", "A=2"]);
    let status = world.done(&["status", "web"]);
    assert!(status.contains("stage 1 of 2"), "{status}");
    let json = world.done(&["status", "-o", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let rollout = &json[0]["rollout"];
    assert_eq!(rollout["policy"]["bakeMs"], 30_000);
    assert_eq!(rollout["policy"]["gate"], "true");
    assert_eq!(rollout["admitted"]["these"].as_array().unwrap().len(), 1);
    assert_eq!(json[0]["containers"].as_array().unwrap().len(), 2);
    assert_eq!(
        world.done(&["status", "-o", "name"]),
        "h1/web-1\nh2/web-1\n"
    );

    let told = world.config(&["rollout", "pause", "web"]).stderr;
    assert!(told.starts_with("web, release 2: tester@"), "{told}");
    let told = world.refused(1, &["rollout", "pause", "web"]);
    assert!(told.contains("is paused already"), "{told}");
    assert_eq!(world.config(&["rollout", "resume", "web"]).code, Some(0));
    assert_eq!(world.config(&["rollout", "abort", "web"]).code, Some(0));
    assert_eq!(world.config(&["rollout", "approve", "web"]).code, Some(1));
}

#[test]
fn a_way_back_is_for_all_at_once() {
    let world = World::start();
    world.done(&["set", "web", "A=1"]);
    world.done(&["set", "web", "A=2"]);
    world.report("h1", 2, Step::Healthy, "");
    world.done(&["rollback", "web"]);
    let json = world.done(&["status", "web", "-o", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["rollout"]["admitted"], "everyone");
    let reason = json[0]["rollout"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("rollback to 1, by tester@"), "{reason}");
}

#[test]
fn it_is_waited_for_what_the_containers_say() {
    let world = World::start();
    let ended = world.config(&["set", "web", "A=1", "--wait"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .ends_with("no container mounts it: whichever comes gets release 1\n"),
        "{}",
        ended.stderr
    );
    world.report("h1", 1, Step::Rendered, "");
    let told = world.refused(124, &["set", "web", "A=1", "--wait=100ms"]);
    assert!(told.contains("dockeeper config status web"), "{told}");
    world.report("h1", 1, Step::Failed, "the check ended with 3");
    let told = world.refused(9, &["set", "web", "A=1", "--wait"]);
    assert!(
        told.contains("\n  h1/web-1: the check ended with 3"),
        "{told}"
    );
    world.report("h1", 1, Step::Healthy, "");
    let ended = world.config(&["set", "web", "A=1", "--wait=1m"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.ends_with("1 container at release 1\n"),
        "{}",
        ended.stderr
    );
}

#[test]
fn the_status_says_why_a_container_is_behind() {
    let world = World::start();
    world.done(&["set", "web", "A=1"]);
    assert!(
        world
            .config(&["status", "web"])
            .stderr
            .ends_with("no container mounts web\n")
    );
    world.report("h1", 1, Step::Failed, "the check ended with 3");
    let status = world.done(&["status", "web"]);
    assert!(status.contains("the check ended with 3"), "{status}");
    world.done(&["ls"]);
    let told = world.refused(1, &["rm", "web"]);
    assert!(told.contains("in use by h1/web-1"), "{told}");
    world.done(&["rm", "web", "--force"]);
    world.refused(3, &["status", "web"]);
}

#[test]
fn releases_are_kept_as_is_wished() {
    let world = World::start();
    world.done(&["set", "web", "A=1"]);
    assert_eq!(
        world.done(&["retention", "web"]),
        "releases  20\nage       7d\n"
    );
    let changed = world.done(&["retention", "web", "--age", "30d"]);
    assert_eq!(changed, "releases  20\nage       30d\n");
    world.done(&["retention", "web", "--releases", "5"]);
    let json = world.done(&["retention", "web", "-o", "json"]);
    assert_eq!(json, "{\"releases\":5,\"ageMs\":2592000000}\n");
    let told = world.refused(1, &["retention", "web", "--releases", "100000"]);
    assert!(told.contains("at most 1000"), "{told}");
}
