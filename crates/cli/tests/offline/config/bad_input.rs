//! What is no configuration is refused, with what to do, and nothing is changed.

use super::World;
use std::{fs, os::unix::fs::symlink, os::unix::net::UnixListener};

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f");
    fs::write(&file, "x").unwrap();
    let file = file.to_str().unwrap();
    for arguments in [
        &["set", "web", "../x=1"][..],
        &["set", "web", "a/b=1"],
        &["set", "web", "a..b=1"],
        &["set", "web", "a\u{1b}=1"],
        &["set", "../web", "A=1"],
        &["set", "we\u{1b}b", "A=1"],
        &["put", "web", file, "--as", "../x"],
        &["put", "web", file, "--as", "/etc/x"],
        &["put", "web", file, "--as", "a//b"],
        &["put", "web", file, "--as", "..data"],
        &["put", "web", "--remove", "../x"],
        &["put", "web", file, "--mode", "4755"],
        &["secret", "set", "../x", "--from-file", file],
    ] {
        let told = world.refused(2, arguments);
        assert!(!told.contains('\u{1b}'), "{told}");
    }
    let told = world.refused(1, &["put", "web", file, "--as", "keys.env"]);
    assert!(told.contains("choose another name"), "{told}");
    let told = world.refused(3, &["ls"]);
    assert!(told.contains("there is no Dockeeper data"), "{told}");
}

#[test]
fn what_is_too_long_is_refused_with_what_else_to_do() {
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large");
    fs::write(&file, vec![b'x'; 10_000_000]).unwrap();
    let path = file.to_str().unwrap();
    for arguments in [
        &["put", "web", path][..],
        &["apply", "web", folder.path().to_str().unwrap()],
    ] {
        let told = world.refused(1, arguments);
        assert!(told.contains("data volume"), "{told}");
    }
    let from = format!("A={path}");
    let told = world.refused(1, &["set", "web", "--from-file", &from]);
    assert!(told.contains("make it a file"), "{told}");
    let told = world.refused(1, &["secret", "set", "x", "--from-file", path]);
    assert!(told.contains("a secret has at most"), "{told}");
}

#[test]
fn a_value_is_text() {
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("binary");
    fs::write(&file, b"\xff\xfe").unwrap();
    let from = format!("A={}", file.display());
    let told = world.refused(2, &["set", "web", "--from-file", &from]);
    assert!(
        told.contains("is not UTF-8 text") && told.contains("config put"),
        "{told}"
    );
    let template = folder.path().join("x.j2");
    fs::rename(file, &template).unwrap();
    let ended = world.config(&["put", "web", template.to_str().unwrap(), "--dry-run"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("is not UTF-8 text"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_directory_has_files_and_folders_only() {
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let refused = |part: &str, name: &str| {
        let told = world.refused(1, &["apply", "web", folder.path().to_str().unwrap()]);
        assert!(told.contains(part), "{told}");
        fs::remove_file(path(name)).unwrap();
    };
    symlink("/etc/passwd", path("link")).unwrap();
    refused("link is a symbolic link", "link");
    let listener = UnixListener::bind(path("socket")).unwrap();
    refused("socket is a socket", "socket");
    drop(listener);
    fs::write(path("a\nb"), "").unwrap();
    refused("cannot be a file of a configuration", "a\nb");
    fs::write(path("keys.env"), "").unwrap();
    refused("choose another name", "keys.env");
}

#[test]
fn a_link_to_a_directory_is_not_followed() {
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link");
    symlink("/etc", &link).unwrap();
    let told = world.refused(1, &["apply", "web", link.to_str().unwrap()]);
    assert!(told.contains("symbolic link"), "{told}");
    let told = world.refused(1, &["apply", "web", "/no/such/directory"]);
    assert!(told.contains("cannot read /no/such/directory"), "{told}");
}
