use super::World;
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

fn write(folder: &Path, files: &[(&str, &[u8], u32)]) {
    for (path, content, mode) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(*mode)).unwrap();
    }
}

#[test]
fn a_directory_is_released_and_exported_as_it_is() {
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    // More than one request can carry, so that it is cut.
    let large: Vec<u8> = (0..2_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let files: [(&str, &[u8], u32); 4] = [
        ("a.conf", b"a\n", 0o640),
        ("bin/run", b"#!/bin/sh\n", 0o755),
        ("no-text", b"\0\xff", 0o644),
        ("large", &large, 0o644),
    ];
    write(&from, &files);
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    world.done(&["set", "web", "A=1"]);
    world.done(&["apply", "web", from]);
    assert_eq!(world.done(&["get", "web", "A"]), "1", "the values stay");
    let table = world.done(&["ls", "web"]);
    assert!(table.contains("file    a.conf    0640   0:0"), "{table}");

    let told = world.config(&["export", "web", to]);
    assert!(
        told.stderr.starts_with("4 files of release 2"),
        "{}",
        told.stderr
    );
    for (path, content, mode) in files {
        let path = Path::new(to).join(path);
        assert_eq!(fs::read(&path).unwrap(), content);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            mode
        );
    }
    let again = world.refused(1, &["export", "web", to]);
    assert!(again.contains("a.conf is there already"), "{again}");
    world.done(&["export", "web", to, "--force"]);

    fs::remove_file(Path::new(from).join("large")).unwrap();
    write(Path::new(from), &[("a.conf", b"b\n", 0o600)]);
    let expected = "~ a.conf, mode 0600, was 0640\n-a\n+b\n \n- large\n";
    assert_eq!(world.done(&["diff", "web", from]), expected);
    world.done(&["apply", "web", from, "--owner", "7:8"]);
    assert!(world.done(&["ls", "web"]).contains("0600   7:8"));
}

#[test]
fn one_file_is_put_and_removed() {
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.conf");
    fs::write(&file, "x").unwrap();
    let file = file.to_str().unwrap();
    world.done(&["put", "web", file]);
    world.done(&[
        "put", "web", file, "--as", "d/y.conf", "--mode", "0600", "--owner", "1:2",
    ]);
    assert_eq!(
        world.done(&["ls", "web", "-o", "name"]),
        "d/y.conf\nx.conf\n"
    );
    assert_eq!(world.done(&["get", "web", "./x.conf"]), "x");
    fs::write(file, "z").unwrap();
    world.done(&["put", "web", file, "--as", "d/y.conf"]);
    let table = world.done(&["ls", "web"]);
    assert!(table.contains("d/y.conf   0600   1:2"), "{table}");
    world.done(&["put", "web", "--remove", "x.conf"]);
    assert_eq!(world.done(&["ls", "web", "-o", "name"]), "d/y.conf\n");
}
