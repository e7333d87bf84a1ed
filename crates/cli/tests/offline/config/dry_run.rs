use super::World;
use dockeeper_model::config::Step;
use std::fs;

const CONTAINER: &str =
    r#"{"name":"web-1","image":"nginx","state":"running","labels":{"tier":"front"}}"#;

#[test]
fn each_container_is_rendered_for_and_nothing_is_changed() {
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.conf.j2");
    let file = file.to_str().unwrap();
    world.done(&["set", "other", "URL=http://x"]);
    fs::write(file, "level {{ keys.LEVEL }}\n").unwrap();
    world.done(&["put", "web", file]);
    world.done(&["set", "web", "LEVEL=info"]);
    let id = "0123456789ab".repeat(5) + "0123";
    world.put(&format!("/dockeeper/containers/h1/{id}"), CONTAINER);
    for node in ["h1", "h2"] {
        world.report(node, 2, Step::Healthy, "");
    }

    let told = world.done(&["set", "web", "LEVEL=debug", "--dry-run"]);
    assert!(
        told.starts_with("web would differ from release 2:\n~ LEVEL = \"debug\", was \"info\"\n"),
        "{told}"
    );
    let expected = "\nfor h1/web-1, h2/web-1:\n~ x.conf\n-level info\n+level debug\n";
    assert!(told.contains(expected), "{told}");

    // Of h2, no container is registered.
    fs::write(
        file,
        "{{ app('other').URL }} {{ container.labels.tier }} {{ service('none') | length }}\n",
    )
    .unwrap();
    let told = world.done(&["put", "web", file, "--dry-run"]);
    assert!(told.contains("+http://x front 0\n"), "{told}");
    assert!(
        told.contains("for h2/web-1 it cannot be tried here: "),
        "{told}"
    );

    let ended = world.config(&["set", "web", "--unset", "LEVEL", "--dry-run"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let expected = "for h1/web-1, h2/web-1 it fails: x.conf.j2:1: undefined value";
    assert!(ended.stdout.contains(expected), "{}", ended.stdout);
    assert_eq!(world.done(&["history", "web", "-o", "name"]), "2\n1\n");
    let told = world.refused(
        8,
        &[
            "set",
            "web",
            "LEVEL=x",
            "--dry-run",
            "--expect-release",
            "1",
        ],
    );
    assert!(told.contains("release 2, made by"), "{told}");
}

#[test]
fn a_secret_is_not_shown() {
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.j2");
    let file = file.to_str().unwrap();
    fs::write(file, "none\n").unwrap();
    world.done(&["put", "web", file]);
    world.report("h1", 1, Step::Healthy, "");
    fs::write(file, "{{ secret('s') }}\n").unwrap();
    let ended = world.config(&["put", "web", file, "--dry-run"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stdout.contains("there is no secret s"),
        "{}",
        ended.stdout
    );
    world.put("/dockeeper/secrets/values/s", "whatever");
    let told = world.done(&["put", "web", file, "--dry-run"]);
    assert!(told.contains("\n-none\n+***\n"), "{told}");
}
