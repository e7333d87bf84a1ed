//! A container that can write its volume does its worst. The threads here have the same file system
//! and the same rights as such a container.

use crate::place::{Place, digest, names, stage, web};
use dockeeper_config::host::volume::{File, Mount, Remap};
use dockeeper_model::config::FilePath;
use std::{
    fs,
    os::unix::fs::{MetadataExt, symlink},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

/// What must not change, and where it lies.
struct Precious(PathBuf);

// === impl Precious ===

impl Precious {
    fn new(place: &Place) -> Self {
        let path = place.path().join("precious");
        fs::create_dir_all(path.join("conf.d")).unwrap();
        for name in ["a", "conf.d/x", "passwd"] {
            fs::write(path.join(name), "precious").unwrap();
        }
        Self(path)
    }

    fn check(&self) {
        assert_eq!(names(&self.0), ["a", "conf.d", "passwd"]);
        assert_eq!(names(&self.0.join("conf.d")), ["x"]);
        for name in ["a", "conf.d/x", "passwd"] {
            let path = self.0.join(name);
            assert_eq!(fs::read_to_string(&path).unwrap(), "precious", "{name}");
            let metadata = fs::metadata(&path).unwrap();
            assert_eq!((metadata.uid(), metadata.gid()), (0, 0), "{name}");
            assert_eq!(metadata.mode() & 0o777, 0o644, "{name}");
        }
    }
}

/// Puts a link to the precious folder in the place of everything that it finds.
fn replace(folder: &Path, precious: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            replace(&path, precious);
        }
        // What was there goes on existing elsewhere: it may be open.
        let _ = fs::rename(&path, folder.join("stolen"));
        let _ = fs::remove_dir_all(folder.join("stolen"));
        let _ = symlink(precious, &path);
    }
    for name in ["a", "conf.d", "..data", "..link", "..r1-0", "..gone-0-0"] {
        let _ = symlink(precious, folder.join(name));
    }
}

fn attempt(mount: &mut Mount, n: u64) {
    let paths = ["a", "conf.d/x", "passwd"].map(|path| path.parse::<FilePath>().unwrap());
    let file = File {
        mode: 0o777,
        uid: 4242,
        gid: 4242,
        content: b"overwritten",
    };
    let files = paths.iter().map(|path| (path, file));
    // Most of this fails: that nothing else happens is all that is asked.
    if let Ok(staged) = mount.stage(n, digest(n), files) {
        let _ = match n % 3 {
            0 => mount.discard(staged),
            _ => mount.swap(staged, n as i64),
        };
    }
    let _ = mount.prune(n as i64);
}

#[test]
fn nothing_outside_is_touched_while_everything_is_replaced_by_links() {
    let place = Place::new(Remap::default());
    let precious = Precious::new(&place);
    let mut mount = place.mount("m1");
    let path = mount.path().to_owned();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let vandal = || {
            while !is_over.load(Ordering::Relaxed) {
                replace(&path, &precious.0);
            }
        };
        // A second one in these namespaces would follow the links of the first out of the volume.
        let vandal = scope.spawn(vandal);
        for n in 0..500 {
            attempt(&mut mount, n);
            if n % 20 == 0 {
                // The next agent.
                let id = mount.id().clone();
                if let Ok(adopted) = place.root.create(&web(), &id) {
                    mount = adopted;
                }
            }
        }
        is_over.store(true, Ordering::Relaxed);
        vandal.join().unwrap();
    });
    precious.check();

    // Left alone, the volume is well again.
    let mut mount = place.mount("m1");
    let staged = stage(&mut mount, 9000, &[("a", "fine")]);
    mount.swap(staged, 0).unwrap();
    assert_eq!(fs::read_to_string(path.join("a")).unwrap(), "fine");
    place.root.remove(&web(), mount.id()).unwrap();
    precious.check();
}

#[test]
fn a_wipe_follows_no_link_and_is_not_lost_in_the_depth() {
    const DEPTH: usize = 3000;
    let place = Place::new(Remap::default());
    let precious = Precious::new(&place);
    let mount = place.mount("m1");
    let path = mount.path().to_owned();
    symlink(&precious.0, path.join("link")).unwrap();
    fs::create_dir(path.join("deep")).unwrap();
    for _ in 0..DEPTH {
        // From the inside out, as no path can be that long.
        fs::create_dir(path.join("outer")).unwrap();
        fs::rename(path.join("deep"), path.join("outer/deep")).unwrap();
        symlink(&precious.0, path.join("outer/link")).unwrap();
        fs::rename(path.join("outer"), path.join("deep")).unwrap();
    }
    place.root.remove(&web(), mount.id()).unwrap();
    assert!(!path.exists());
    precious.check();
}

#[test]
fn a_container_does_not_say_which_release_it_runs() {
    let place = Place::new(Remap::default());
    let mut mount = place.mount("m1");
    let staged = stage(&mut mount, 1, &[("a", "1")]);
    mount.swap(staged, 0).unwrap();
    let data = mount.path().join("..data");
    fs::create_dir(mount.path().join("..r7-7")).unwrap();
    fs::remove_file(&data).unwrap();
    symlink("..r7-7", &data).unwrap();
    assert_eq!(mount.current(), None);
    assert_eq!(place.mount("m1").current(), None);
}
