use super::World;
use crate::program::Ended;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// Edits with an editor that is a script, which finds the text's file as `$1`.
fn edit(world: &World, folder: &Path, script: &str, arguments: &[&str]) -> Ended {
    let editor = folder.join("editor");
    fs::write(&editor, format!("#!/bin/sh\nset -e\n{script}\n")).unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = world.command(&[&["config", "edit"], arguments].concat());
    command.env("EDITOR", &editor).env("TMPDIR", folder);
    command.output().unwrap().into()
}

/// The folders of texts that were kept.
fn kept(folder: &Path) -> usize {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| name.to_str().unwrap().starts_with("dockeeper-"))
        .count()
}

#[test]
fn a_text_is_edited_and_released() {
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    world.done(&["set", "web", "A=1", "log.level=info", "GONE="]);
    let script = r#"printf 'A = "2"\n"log.level" = "info"\nNEW = "x"\n' > "$1""#;
    let ended = edit(&world, folder, script, &["web", "-m", "by hand"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let expected = "~ A = \"2\", was \"1\"\n- GONE\n+ NEW = \"x\"\n";
    assert_eq!(world.done(&["diff", "web"]), expected);
    let ended = edit(&world, folder, "echo 3 > \"$1\"", &["web", "A"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(
        world.done(&["get", "web", "A"]),
        "3",
        "without the editor's line feed"
    );
    let ended = edit(&world, folder, "exit 0", &["web"]);
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(0), "nothing was changed\n")
    );
    assert_eq!(kept(folder), 0);
}

#[test]
fn a_text_that_cannot_be_released_is_kept() {
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    world.done(&["set", "web", "A=1"]);
    let program = env!("CARGO_BIN_EXE_dockeeper");
    let script = format!("printf mine > \"$1\"; {program} config set web A=theirs -m first");
    let ended = edit(&world, folder, &script, &["web", "A"]);
    assert_eq!(ended.code, Some(8), "{}", ended.stderr);
    for part in ["the text is kept in", "\"first\""] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
    assert_eq!(world.done(&["get", "web", "A"]), "theirs");
    assert_eq!(kept(folder), 1);
    let (_, path) = ended.stderr.split_once("kept in ").unwrap();
    let path = path.split(": ").next().unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), "mine");

    let ended = edit(&world, folder, "echo nonsense > \"$1\"", &["web"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let ended = edit(&world, folder, "exit 7", &["web"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("nothing was changed"),
        "{}",
        ended.stderr
    );
    assert_eq!(kept(folder), 3);
}
