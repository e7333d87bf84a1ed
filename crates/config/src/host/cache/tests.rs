use super::*;
use crate::{
    bundle::{BundleFile, Parts},
    rollout::everyone,
};
use std::{collections::BTreeMap, os::unix::fs::PermissionsExt};
use tempfile::TempDir;

struct World {
    folder: TempDir,
    cache: Cache,
    app: AppName,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            cache: Cache::new(&folder.path().join("cache")),
            folder,
            app: "web".parse().unwrap(),
        }
    }

    fn add(&self, bundle: &Bundle) -> Digest {
        let address = Parts::of(bundle).unwrap().address;
        self.cache.add(&self.app, &address, bundle).unwrap();
        address
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("cache/apps/web").join(name)
    }
}

fn bundle(text: &str) -> Bundle {
    let file = |content: Vec<u8>| BundleFile {
        mode: 0o640,
        uid: 1,
        gid: 2,
        content: content.into(),
    };
    let files = [
        ("a", file(text.into())),
        ("d/b", file(vec![7; 600_000])),
        ("empty", file(Vec::new())),
    ];
    Bundle {
        files: files
            .into_iter()
            .map(|(path, file)| (path.parse().unwrap(), file))
            .collect(),
        keys: BTreeMap::from([("LEVEL".parse().unwrap(), text.to_owned())]),
    }
}

fn index(releases: &[(u64, Digest)]) -> Index {
    Index {
        incarnation: Incarnation {
            czxid: 7,
            ctime_ms: 8,
        },
        rollout: everyone(None, 2, "", 1),
        releases: releases.iter().copied().collect(),
    }
}

#[test]
fn the_next_agent_finds_what_was_kept() {
    let world = World::new();
    assert!(!world.cache.has(&world.app));
    let address = world.add(&bundle("one"));
    let index = index(&[(1, address), (2, address)]);
    world.cache.set_index(&world.app, &index).unwrap();

    let next = Cache::new(&world.folder.path().join("cache"));
    assert!(next.has(&world.app));
    assert_eq!(next.index(&world.app), Some(index));
    assert_eq!(next.bundle(&world.app, &address), Some(bundle("one")));
    let other = "other".parse().unwrap();
    assert_eq!(next.index(&other), None);
    assert_eq!(next.bundle(&other, &address), None);
    let modes = ["", INDEX_NAME].map(|name| {
        let metadata = fs::metadata(world.path(name)).unwrap();
        metadata.permissions().mode() & 0o777
    });
    assert_eq!(modes, [0o700, 0o600]);
}

#[test]
fn what_no_index_names_goes_and_so_does_what_a_crash_left() {
    let world = World::new();
    let [old, new] = ["old", "new"].map(|text| world.add(&bundle(text)));
    fs::write(world.path("index.new"), "half").unwrap();
    let index = index(&[(2, new)]);
    world.cache.set_index(&world.app, &index).unwrap();
    fs::write(world.path("0.new"), "half").unwrap();
    world.cache.clean(&world.app, &index).unwrap();
    let left = fs::read_dir(world.path("")).unwrap();
    let left: BTreeSet<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    let expected = [INDEX_NAME.to_owned(), new.to_string()].map(Into::into);
    assert_eq!(left, BTreeSet::from(expected));
    assert_eq!(world.cache.bundle(&world.app, &old), None);
}

#[test]
fn whatever_is_cut_or_flipped_is_never_served_and_can_be_kept_again() {
    let world = World::new();
    let original = bundle("one");
    let address = world.add(&original);
    let path = world.path(&address.to_string());
    let sound = fs::read(&path).unwrap();
    let cuts = (0..sound.len()).map(|len| sound[..len].to_vec());
    let flips = (0..sound.len()).map(|at| {
        let mut flipped = sound.clone();
        flipped[at] ^= 1 << (at % 8);
        flipped
    });
    let longer = [sound.as_slice(), b"x"].concat();
    for spoiled in cuts.chain(flips).chain([longer]) {
        fs::write(&path, &spoiled).unwrap();
        match world.cache.bundle(&world.app, &address) {
            // Compressed data have bits that mean nothing.
            Some(served) => assert_eq!(served, original),
            None => assert!(!path.exists(), "it would be found again"),
        }
    }
    for spoiled in [Some(&sound[..100]), None] {
        match spoiled {
            Some(spoiled) => fs::write(&path, spoiled).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        world.add(&original);
        assert_eq!(fs::read(&path).unwrap(), sound);
    }
}

#[test]
fn an_index_that_is_cut_or_flipped_counts_for_nothing() {
    let world = World::new();
    let index = index(&[(1, world.add(&bundle("one")))]);
    world.cache.set_index(&world.app, &index).unwrap();
    let path = world.path(INDEX_NAME);
    let sound = fs::read(&path).unwrap();
    let cuts = (0..sound.len()).map(|len| sound[..len].to_vec());
    let flips = (0..sound.len()).map(|at| {
        let mut flipped = sound.clone();
        flipped[at] ^= 1 << (at % 8);
        flipped
    });
    for spoiled in cuts.chain(flips) {
        fs::write(&path, &spoiled).unwrap();
        assert_eq!(world.cache.index(&world.app), None);
    }
}

#[test]
fn a_content_is_kept_only_at_its_own_address() {
    let world = World::new();
    let address = Parts::of(&bundle("one")).unwrap().address;
    let refused = world.cache.add(&world.app, &address, &bundle("two"));
    assert!(
        matches!(refused, Err(CacheError::NotItself(_))),
        "{refused:?}"
    );
}
