//! What lies in a mount.

use crate::place::{Place, digest, names, release, stage, web};
use dockeeper_config::host::volume::{
    Current, File, KEEP_FOR, KEEP_MAX, Remap, Root, SIZE_BYTES_MAX,
};
use std::{
    fs,
    os::unix::fs::{MetadataExt, symlink},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

#[test]
fn a_release_is_seen_as_a_whole_and_replaced_by_the_next() {
    let place = Place::new(Remap::default());
    let mut mount = place.mount("m1");
    assert_eq!(mount.current(), None);
    release(
        &mut mount,
        1,
        &[("a", "a1"), ("conf.d/x", "x1"), ("conf.d/y/z", "z1")],
        0,
    );
    let path = mount.path().to_owned();
    assert_eq!(names(&path), ["..data", "..r1-0", "a", "conf.d"]);
    assert_eq!(
        fs::read_link(path.join("conf.d")).unwrap(),
        Path::new("..data/conf.d")
    );
    assert_eq!(fs::read(path.join("conf.d/y/z")).unwrap(), b"z1");

    let staged = stage(&mut mount, 2, &[("a", "a2"), ("b", "b2")]);
    let seen = staged.path_in("/etc/web/");
    assert_eq!(seen, "/etc/web/..r2-1");
    assert_eq!(fs::read(path.join("..r2-1/a")).unwrap(), b"a2");
    assert_eq!(fs::read(path.join("a")).unwrap(), b"a1");
    mount.swap(staged, 1000).unwrap();
    assert_eq!(names(&path), ["..data", "..r1-0", "..r2-1", "a", "b"]);
    assert_eq!(fs::read(path.join("a")).unwrap(), b"a2");
    let (release, digest) = (2, digest(2));
    assert_eq!(mount.current(), Some(Current { release, digest }));

    let staged = stage(&mut mount, 3, &[("c", "c3")]);
    mount.discard(staged).unwrap();
    assert_eq!(names(&path), ["..data", "..r1-0", "..r2-1", "a", "b"]);
    place.root.remove(&web(), mount.id()).unwrap();
    assert!(names(&place.path().join("volumes")).is_empty());
    place.root.remove(&web(), mount.id()).unwrap();
}

#[test]
fn files_have_their_owners_and_modes_as_the_host_counts() {
    let (uid, gid) = (100_000, 200_000);
    let place = Place::new(Remap { uid, gid });
    let mut mount = place.mount("m1");
    let (path, content) = ("bin/run".parse().unwrap(), b"#!/bin/sh\n".as_slice());
    let file = File {
        mode: 0o4750,
        uid: 101,
        gid: 102,
        content,
    };
    let staged = mount.stage(1, digest(1), [(&path, file)]).unwrap();
    mount.swap(staged, 0).unwrap();
    let of = |name: &str| fs::symlink_metadata(mount.path().join(name)).unwrap();
    let run = of("..data/bin/run");
    assert_eq!(
        (run.uid(), run.gid(), run.mode() & 0o7777),
        (100_101, 200_102, 0o750)
    );
    for folder in ["", "..r1-0", "..r1-0/bin"] {
        let folder = of(folder);
        assert_eq!(
            (folder.uid(), folder.gid(), folder.mode() & 0o7777),
            (uid, gid, 0o755)
        );
    }
    for around in [
        mount.path().parent().unwrap(),
        &place.path().join("volumes"),
    ] {
        let around = fs::metadata(around).unwrap();
        assert_eq!(
            (around.uid(), around.gid(), around.mode() & 0o7777),
            (0, gid, 0o710)
        );
    }
    let options = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let line = options
        .lines()
        .find(|line| line.contains("dockeeper:web"))
        .unwrap();
    assert!(
        line.contains("nosuid,nodev") && !line.contains("noexec"),
        "{line}"
    );
}

#[test]
fn the_next_agent_finds_what_the_last_one_left() {
    let place = Place::new(Remap::default());
    let mut mount = place.mount("m1");
    let path = mount.path().to_owned();
    release(&mut mount, 1, &[("a", "1"), ("old", "1")], 0);
    release(&mut mount, 2, &[("a", "2"), ("b", "2")], 10);
    let _staged = stage(&mut mount, 3, &[("a", "3")]);
    // In the middle of everything: names are missing or stale, something was made or removed.
    fs::remove_file(path.join("b")).unwrap();
    symlink("..data/old", path.join("old")).unwrap();
    symlink("..data/x", path.join("..link")).unwrap();
    fs::create_dir_all(path.join("..gone-1-0/deep/er")).unwrap();
    fs::create_dir(path.join("..r9-9")).unwrap();
    drop(mount);
    let id = "m1".parse().unwrap();
    assert_eq!(place.root.mounts().unwrap(), [(web(), id)]);

    let mut mount = place.mount("m1");
    let (release_2, digest) = (2, digest(2));
    let current = Some(Current {
        release: release_2,
        digest,
    });
    assert_eq!(mount.current(), current);
    assert_eq!(names(&path), ["..data", "..r1-0", "..r2-1", "a", "b"]);
    assert_eq!(fs::read(path.join("b")).unwrap(), b"2");
    release(&mut mount, 4, &[("a", "4")], 20);
    assert_eq!(names(&path), ["..data", "..r1-0", "..r2-1", "..r4-3", "a"]);
}

#[test]
fn a_run_directory_may_be_a_link() {
    let place = Place::new(Remap::default());
    let link = place.path().join("link");
    symlink(place.path(), &link).unwrap();
    let root = Root::open(&link, Remap::default()).unwrap();
    let mount = root.create(&web(), &"m1".parse().unwrap()).unwrap();
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(
        mounts.contains(mount.path().to_str().unwrap()),
        "{}",
        mount.path().display()
    );
}

#[test]
fn what_is_no_file_system_yet_is_not_taken_for_a_mount() {
    let place = Place::new(Remap::default());
    let folder = place.path().join("volumes/web/m1");
    fs::create_dir_all(&folder).unwrap();
    fs::write(place.path().join("volumes/web/m1.json"), "{}").unwrap();
    assert!(place.root.mounts().unwrap().is_empty());
    assert!(names(&place.path().join("volumes")).is_empty());
}

#[test]
fn earlier_releases_go_after_a_while() {
    let place = Place::new(Remap::default());
    let mut mount = place.mount("m1");
    for n in 1..=5 {
        release(&mut mount, n, &[("a", "x")], n as i64 * 1000);
    }
    mount.prune(5000).unwrap();
    let left = names(mount.path());
    assert_eq!(left, ["..data", "..r3-2", "..r4-3", "..r5-4", "a"]);
    assert_eq!(left.len() - 3, KEEP_MAX);
    let keep_ms = KEEP_FOR.as_millis() as i64;
    mount.prune(4000 + keep_ms).unwrap();
    assert_eq!(names(mount.path()), ["..data", "..r4-3", "..r5-4", "a"]);
    mount.prune(5000 + keep_ms).unwrap();
    assert_eq!(names(mount.path()), ["..data", "..r5-4", "a"]);
}

#[test]
fn a_full_volume_keeps_what_it_has() {
    let place = Place::new(Remap::default());
    let mut mount = place.mount("m1");
    release(&mut mount, 1, &[("a", "1")], 0);
    let large = vec![0; SIZE_BYTES_MAX as usize];
    let path = "b".parse().unwrap();
    let file = File {
        mode: 0o644,
        uid: 0,
        gid: 0,
        content: &large,
    };
    let error = mount
        .stage(2, digest(2), [(&path, file)])
        .unwrap_err()
        .to_string();
    assert!(error.contains("the volume is full"), "{error}");
    assert_eq!(names(mount.path()), ["..data", "..r1-0", "a"]);
    release(&mut mount, 3, &[("a", "3")], 0);
    assert_eq!(fs::read(mount.path().join("a")).unwrap(), b"3");
}

/// A reader that resolves `..data` once sees one release; one that opens a name that all releases
/// have never finds it missing.
#[test]
fn a_reader_never_sees_a_mixture_and_no_name_dangles() {
    const RELEASES: u64 = 100;
    let place = Place::new(Remap::default());
    let mut mount = place.mount("m1");
    release(&mut mount, 0, &[("a", "0"), ("b", "0")], 0);
    let path = mount.path().to_owned();
    let is_over = AtomicBool::new(false);
    let read = || {
        let mut seen = 0;
        while !is_over.load(Ordering::Relaxed) {
            let data = path.join(fs::read_link(path.join("..data")).unwrap());
            let file = |name: &str| fs::read_to_string(data.join(name)).unwrap();
            assert_eq!(file("a"), file("b"));
            fs::read(path.join("a")).unwrap();
            seen += 1;
        }
        seen
    };
    thread::scope(|scope| {
        let readers = [scope.spawn(read), scope.spawn(read)];
        for n in 1..=RELEASES {
            let (text, other) = (n.to_string(), format!("only-{n}"));
            release(
                &mut mount,
                n,
                &[("a", &text), ("b", &text), (&other, "")],
                n as i64,
            );
        }
        is_over.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
}
