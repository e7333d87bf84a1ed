use super::World;
use serde_json::Value;

#[test]
fn values_are_released_and_got_as_they_are() {
    let world = World::start();
    let ended = world.config(&["set", "web", "LEVEL=info", "EMPTY=", "AT=@x", "-m", "begin"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
    assert_eq!(ended.stderr, "web is at release 1: 0 files, 3 values\n");
    assert_eq!(world.done(&["get", "web", "LEVEL"]), "info");
    assert_eq!(world.done(&["get", "web", "AT"]), "@x");
    assert_eq!(world.done(&["get", "web", "EMPTY"]), "");
    let env = world.done(&["get", "web"]);
    assert!(env.contains("LEVEL=info\n"), "{env}");
    let json = world.done(&["get", "web", "-o", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["AT"], "@x");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f");
    std::fs::write(&file, "two\nlines\n").unwrap();
    let from = format!("TEXT={}", file.display());
    assert_eq!(
        world.done(&[
            "set",
            "web",
            "--from-file",
            &from,
            "--unset",
            "EMPTY",
            "-o",
            "name"
        ]),
        "2\n"
    );
    assert_eq!(world.done(&["get", "web", "TEXT"]), "two\nlines\n");
    let gone = world.refused(3, &["get", "web", "EMPTY"]);
    assert!(gone.contains("dockeeper config ls web"), "{gone}");
    assert_eq!(world.done(&["get", "web", "EMPTY", "--release", "1"]), "");
}

#[test]
fn what_changes_nothing_is_no_release() {
    let world = World::start();
    world.done(&["set", "web", "A=1"]);
    let ended = world.config(&["set", "web", "A=1", "-o", "json"]);
    let item: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (&item["isNew"], &item["release"]),
        (&false.into(), &1.into())
    );
    let ended = world.config(&["set", "web", "A=1"]);
    let begin = "nothing to change: web is at release 1, made by tester@";
    assert!(ended.stderr.starts_with(begin), "{}", ended.stderr);
}

#[test]
fn who_was_first_is_told_with_when_and_why() {
    let world = World::start();
    world.done(&["set", "web", "A=1", "--expect-release", "0"]);
    world.done(&[
        "set",
        "web",
        "A=2",
        "-m",
        "in a hurry",
        "--expect-release",
        "1",
    ]);
    for expected in ["0", "1"] {
        let arguments = ["set", "web", "A=3", "--expect-release", expected];
        let told = world.refused(8, &arguments);
        for part in [
            "made by tester@",
            "\"in a hurry\"",
            "ago",
            "nothing was changed",
        ] {
            let is_there = told.contains(part) || (part == "ago" && told.contains("just now"));
            assert!(is_there, "{part}: {told}");
        }
    }
    assert_eq!(world.done(&["get", "web", "A"]), "2");
}

#[test]
fn the_history_is_listed_and_gone_back_in() {
    let world = World::start();
    for value in ["1", "2", "3"] {
        world.done(&["set", "web", &format!("A={value}"), "-m", value]);
    }
    assert_eq!(world.done(&["history", "web", "-o", "name"]), "3\n2\n1\n");
    assert_eq!(world.done(&["diff", "web"]), "~ A = \"3\", was \"2\"\n");
    assert_eq!(
        world.done(&["diff", "web", "1"]),
        "~ A = \"3\", was \"1\"\n"
    );
    assert_eq!(
        world.done(&["diff", "web", "2", "1"]),
        "~ A = \"1\", was \"2\"\n"
    );
    world.done(&["rollback", "web"]);
    assert_eq!(world.done(&["get", "web", "A"]), "2");
    world.done(&["rollback", "web"]);
    assert_eq!(world.done(&["get", "web", "A"]), "1");
    world.done(&["rollback", "web", "3", "--staged"]);
    assert_eq!(world.done(&["get", "web", "A"]), "3");
    let table = world.done(&["history", "web", "-n", "1"]);
    assert!(table.contains("rollback to 3"), "{table}");
    let unknown = world.refused(3, &["rollback", "web", "17"]);
    assert!(
        unknown.contains("dockeeper config history web"),
        "{unknown}"
    );
    let shown = world.done(&["show", "web", "--release", "2", "-o", "json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["content"]["keys"]["A"], "2");
    assert_eq!(shown["message"], "2");
    let shown = world.done(&["show", "web", "--release", "2"]);
    assert!(
        shown.starts_with("web, release 2, made by tester@"),
        "{shown}"
    );
}

#[test]
fn what_is_not_there_is_told_with_a_code() {
    let world = World::start();
    for arguments in [
        &["get", "web"][..],
        &["show", "web"],
        &["diff", "web"],
        &["history", "web"],
        &["rollback", "web"],
        &["status", "web"],
        &["rm", "web"],
        &["edit", "web"],
        &["ls", "web"],
        &["watch", "web"],
        &["retention", "web"],
        &["rollout", "policy", "web"],
        &["rollout", "pause", "web"],
        &["secret", "rm", "x"],
    ] {
        let told = world.refused(3, arguments);
        assert!(told.contains("there is no Dockeeper data"), "{told}");
    }
    world.done(&["set", "other", "A=1"]);
    let told = world.refused(3, &["get", "web"]);
    assert!(told.contains("web has no configuration"), "{told}");
    assert_eq!(world.done(&["ls", "-o", "name"]), "other\n");
    world.done(&["rm", "other"]);
    assert_eq!(world.config(&["ls"]).stderr, "no app has a configuration\n");
}

#[test]
fn what_changes_something_is_told_where_zookeeper_is() {
    let ended = crate::run(&["config", "set", "web", "A=1"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("where is ZooKeeper?"),
        "{}",
        ended.stderr
    );
}
