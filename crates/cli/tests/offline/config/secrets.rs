use super::World;
use dockeeper_config::secrets::Identity;
use std::{fs, io::Write, process::Stdio};

const SECRET: &str = "correct horse";

#[test]
fn a_secret_is_set_listed_and_removed_but_never_shown() {
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f");
    fs::write(&file, SECRET).unwrap();
    let set = ["secret", "set", "db", "--from-file", file.to_str().unwrap()];
    let told = world.refused(1, &set);
    assert!(told.contains("start an agent"), "{told}");

    let recipient = Identity::generate().recipient().to_string();
    world.put("/dockeeper/secrets/recipients/h1", &recipient);
    let ended = world.config(&set);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
    assert_eq!(ended.stderr, "db has version 1, which 1 host can decrypt\n");
    let mut command = world.command(&["config", "secret", "set", "db"]);
    command.stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{SECRET}").unwrap();
    let told = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    assert!(
        told.contains("ends with a line feed") && told.contains("version 2"),
        "{told}"
    );

    let table = world.done(&["secret", "ls", "-o", "wide"]);
    assert!(table.contains("db     2         "), "{table}");
    let json = world.done(&["secret", "ls", "-o", "json"]);
    let stored = world
        .run(&["zk", "get", "/dockeeper/secrets/values/db"])
        .stdout;
    for shown in [table, json, stored] {
        assert!(!shown.contains(SECRET), "{shown}");
    }
    world.done(&["secret", "rm", "db"]);
    world.refused(3, &["secret", "rm", "db"]);
    assert_eq!(
        world.config(&["secret", "ls"]).stderr,
        "there is no secret\n"
    );
}
