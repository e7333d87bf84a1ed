use super::*;
use crate::blob::hash;
use std::{fs, os::unix::fs as unix, path::Path};
use tempfile::TempDir;

const OWNER: Owner = Owner::These { uid: 7, gid: 8 };

fn path(text: &str) -> FilePath {
    text.parse().unwrap()
}

fn file(content: impl Into<Bytes>) -> BundleFile {
    BundleFile {
        mode: 0o640,
        uid: 7,
        gid: 8,
        content: content.into(),
    }
}

fn bundle(files: &[(&str, Bytes)]) -> Bundle {
    let files = files.iter();
    Bundle {
        files: files
            .map(|(name, content)| (path(name), file(content.clone())))
            .collect(),
        keys: BTreeMap::from([("LEVEL".parse().unwrap(), "info".to_owned())]),
    }
}

/// As `read_dir` refuses it.
fn refusal(dir: &Path) -> String {
    let refused = read_dir(dir, OWNER).unwrap_err();
    refused.to_string().replace(dir.to_str().unwrap(), "DIR")
}

#[test]
fn a_bundle_is_put_together_from_its_parts() {
    let mut noise = vec![0; 3 * blob::CONTENT_LEN_MAX + 1];
    fastrand::Rng::with_seed(1).fill(&mut noise);
    let whole = bundle(&[
        ("empty", Bytes::new()),
        ("a/noise", noise.into()),
        ("zeros", vec![0; 2 * blob::CONTENT_LEN_MAX].into()),
    ]);
    let parts = Parts::of(&whole).unwrap();
    assert_eq!(
        parts.contents.len(),
        1 + 4 + 1,
        "equal chunks are stored once"
    );
    assert!(
        parts
            .contents
            .iter()
            .all(|(address, content)| hash(content) == *address)
    );
    let again = Bundle::of(parts.manifest.clone(), &parts.contents).unwrap();
    assert_eq!(again, whole);
    assert_eq!(Parts::of(&again).unwrap(), parts);

    for chunk in chunks_of(&parts.manifest) {
        let mut contents = parts.contents.clone();
        contents.remove(&chunk);
        let missing = Bundle::of(parts.manifest.clone(), &contents);
        assert!(
            matches!(missing, Err(Damaged::Missing { .. })),
            "{missing:?}"
        );
    }
    let mut manifest = parts.manifest.clone();
    manifest
        .files
        .get_mut(&path("a/noise"))
        .unwrap()
        .chunks
        .swap(0, 1);
    let damaged = Bundle::of(manifest, &parts.contents).unwrap_err();
    assert_eq!(
        damaged,
        Damaged::File {
            path: path("a/noise")
        }
    );
}

#[test]
fn what_cannot_be_a_release_is_refused() {
    let some = || Bytes::from_static(b"x");
    for name in ["keys", "keys.env", "keys/a", "keys.json.j2"] {
        let refused = Parts::of(&bundle(&[(name, some())])).unwrap_err();
        assert_eq!(refused, Error::Reserved(path(name)));
    }
    assert!(Parts::of(&bundle(&[("keystore", some()), ("a/keys", some())])).is_ok());

    let refused = Parts::of(&bundle(&[
        ("a", some()),
        ("a-b", some()),
        ("a/b/c", some()),
    ]));
    let (file, below) = (path("a"), path("a/b/c"));
    assert_eq!(refused.unwrap_err(), Error::FileAsFolder { file, below });

    let refused = Parts::of(&bundle(&[("a", vec![0; FILE_LEN_MAX + 1].into())])).unwrap_err();
    assert!(refused.to_string().contains("data volume"), "{refused}");
    let long = Bytes::from(vec![0; FILE_LEN_MAX]);
    let names = ["a", "b", "c", "d", "e"];
    let files: Vec<_> = names.iter().map(|name| (*name, long.clone())).collect();
    assert!(Parts::of(&bundle(&files[..4])).is_ok());
    assert_eq!(Parts::of(&bundle(&files)).unwrap_err(), Error::TooLong);

    let mut bad = bundle(&[("a", some())]);
    bad.files.get_mut(&path("a")).unwrap().mode = 0o4755;
    assert!(matches!(
        Parts::of(&bad),
        Err(Error::Mode { mode: 0o4755, .. })
    ));

    let mut bad = bundle(&[]);
    let key = |n: usize| format!("K{n}").parse::<Key>().unwrap();
    bad.keys.insert(key(0), "x".repeat(VALUE_LEN_MAX + 1));
    assert!(matches!(Parts::of(&bad), Err(Error::ValueTooLong { .. })));
    bad.keys = (0..9)
        .map(|n| (key(n), "x".repeat(VALUE_LEN_MAX)))
        .collect();
    assert!(matches!(Parts::of(&bad), Err(Error::ManifestTooLong(_))));
    bad.keys = (0..=KEYS_MAX).map(|n| (key(n), String::new())).collect();
    assert!(matches!(Parts::of(&bad), Err(Error::TooManyKeys(1001))));
}

#[test]
fn as_many_files_as_there_may_be_fit_into_a_manifest() {
    let name = |n: usize| path(&format!("{}/{n:04}.conf", "folder-of-many".repeat(10)));
    let files = (0..FILES_MAX).map(|n| (name(n), file(format!("{n}"))));
    let mut bundle = Bundle {
        files: files.collect(),
        keys: BTreeMap::new(),
    };
    assert!(Parts::of(&bundle).is_ok());
    bundle.files.insert(path("one-more"), file("x"));
    assert_eq!(Parts::of(&bundle).unwrap_err(), Error::TooManyFiles);
}

#[test]
fn a_directory_is_read_as_it_was_exported() {
    let temp = TempDir::new().unwrap();
    let dir = temp.path().join("new");
    let deep = vec!["d"; FilePath::DEPTH_MAX].join("/");
    let mut whole = bundle(&[
        ("nginx.conf", "listen 80;".into()),
        ("conf.d/größe", "".into()),
        (&deep, vec![0, 159, 146, 150].into()),
    ]);
    export(&whole, &dir, Overwrite::No).unwrap();
    whole.keys.clear();
    assert_eq!(read_dir(&dir, OWNER).unwrap(), whole);
    fs::create_dir(dir.join("empty")).unwrap();
    assert_eq!(read_dir(&dir, OWNER).unwrap(), whole);
    let mine = read_dir(&dir, Owner::Same).unwrap();
    let user = rustix::process::getuid().as_raw();
    assert!(mine.files.values().all(|file| file.uid == user));

    // Nothing is overwritten, not even the first of several.
    let mut changed = bundle(&[
        ("a-new-one", "".into()),
        ("nginx.conf", "listen 81;".into()),
    ]);
    let refused = export(&changed, &dir, Overwrite::No).unwrap_err();
    assert!(matches!(refused, ExportError::Exists(_)), "{refused}");
    assert_eq!(read_dir(&dir, OWNER).unwrap(), whole);
    export(&changed, &dir, Overwrite::Yes).unwrap();
    changed.keys.clear();
    whole.files.extend(changed.files);
    assert_eq!(
        read_dir(&dir, OWNER).unwrap(),
        whole,
        "and no draft is left"
    );
}

#[test]
fn nothing_is_exported_to_elsewhere() {
    let temp = TempDir::new().unwrap();
    let elsewhere = temp.path().join("elsewhere");
    let dir = temp.path().join("dir");
    fs::create_dir(&elsewhere).unwrap();
    fs::create_dir(&dir).unwrap();
    fs::write(elsewhere.join("a"), "theirs").unwrap();
    unix::symlink(&elsewhere, dir.join("folder")).unwrap();
    for overwrite in [Overwrite::No, Overwrite::Yes] {
        let refused = export(&bundle(&[("folder/b", "".into())]), &dir, overwrite);
        let refused = refused.unwrap_err();
        assert!(matches!(refused, ExportError::NoFolder(_)), "{refused}");
    }
    unix::symlink(elsewhere.join("a"), dir.join("a")).unwrap();
    let ours = bundle(&[("a", "ours".into())]);
    let refused = export(&ours, &dir, Overwrite::No).unwrap_err();
    assert!(matches!(refused, ExportError::Exists(_)), "{refused}");
    export(&ours, &dir, Overwrite::Yes).unwrap();
    assert_eq!(fs::read_to_string(dir.join("a")).unwrap(), "ours");
    assert_eq!(fs::read_to_string(elsewhere.join("a")).unwrap(), "theirs");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
    // A file in the place of a folder, and the other way round.
    let refused = export(&bundle(&[("a/b", "".into())]), &dir, Overwrite::Yes);
    assert!(matches!(refused, Err(ExportError::NoFolder(_))));
    fs::create_dir(dir.join("c")).unwrap();
    let refused = export(&bundle(&[("c", "".into())]), &dir, Overwrite::Yes);
    assert!(
        matches!(refused, Err(ExportError::Io { .. })),
        "{refused:?}"
    );
}

#[test]
fn only_files_and_folders_are_read() {
    use rustix::fs::{CWD, Mode, mkfifoat};
    let temp = TempDir::new().unwrap();
    let dir = temp.path().join("dir");
    fs::create_dir(&dir).unwrap();
    let odd = dir.join("odd");
    let clear = || fs::remove_file(&odd).unwrap();

    unix::symlink("/etc/passwd", &odd).unwrap();
    assert!(refusal(&dir).starts_with("DIR/odd is a symbolic link"));
    clear();
    unix::symlink("/etc", &odd).unwrap();
    assert!(refusal(&dir).starts_with("DIR/odd is a symbolic link"));
    clear();
    mkfifoat(CWD, &odd, Mode::from(0o600)).unwrap();
    assert!(refusal(&dir).starts_with("DIR/odd is a pipe"));
    clear();
    drop(std::os::unix::net::UnixListener::bind(&odd).unwrap());
    assert!(refusal(&dir).starts_with("DIR/odd is a socket"));
    clear();

    unix::symlink(&dir, temp.path().join("link")).unwrap();
    assert!(refusal(&temp.path().join("link")).starts_with("DIR is a symbolic link"));
    assert!(refusal(&temp.path().join("none")).starts_with("cannot read DIR: No such file"));
    fs::write(&odd, "").unwrap();
    assert!(refusal(&odd).starts_with("cannot read DIR: not a directory"));
    assert!(refusal(Path::new("/dev/null")).starts_with("DIR is a device"));
}

#[test]
fn a_directory_has_bounds_and_its_names_too() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let temp = TempDir::new().unwrap();
    let dir = temp.path();
    let odd = |name: &[u8]| dir.join(OsStr::from_bytes(name));
    for (name, why) in [
        (&b"a\xff"[..], "not UTF-8"),
        (b"a\nb", "it has the character '\\n'"),
        (b"..data", "begins with '..'"),
    ] {
        fs::write(odd(name), "").unwrap();
        assert!(refusal(dir).contains(why), "{}", refusal(dir));
        fs::remove_file(odd(name)).unwrap();
    }
    fs::write(dir.join("keys.env"), "").unwrap();
    assert!(
        refusal(dir).contains("keys.env cannot be a file"),
        "{}",
        refusal(dir)
    );
    fs::remove_file(dir.join("keys.env")).unwrap();

    let large = fs::File::create(dir.join("large")).unwrap();
    large.set_len(10 << 20).unwrap();
    assert!(refusal(dir).starts_with("DIR/large has more than 4194304 bytes"));
    for n in 0..5 {
        let file = fs::File::create(dir.join(format!("large{n}"))).unwrap();
        file.set_len(FILE_LEN_MAX as u64).unwrap();
    }
    fs::remove_file(dir.join("large")).unwrap();
    assert!(
        refusal(dir).contains("more than 16777216 bytes"),
        "{}",
        refusal(dir)
    );

    let deep = temp
        .path()
        .join(vec!["d"; FilePath::DEPTH_MAX + 1].join("/"));
    fs::create_dir_all(deep).unwrap();
    for n in 0..5 {
        fs::remove_file(dir.join(format!("large{n}"))).unwrap();
    }
    assert!(
        refusal(dir).contains("more than 32 names"),
        "{}",
        refusal(dir)
    );
}

#[test]
fn bundles_are_compared() {
    let same = bundle(&[
        ("same", "x".into()),
        ("was", "x".into()),
        ("text", "a\nb\n".into()),
    ]);
    let mut new = bundle(&[
        ("same", "x".into()),
        ("is", "x".into()),
        ("text", "a\nc\n".into()),
    ]);
    new.files.insert(path("binary"), file(vec![0xff]));
    let mut old = same.clone();
    old.files.insert(path("binary"), file("text"));
    new.keys.clear();
    new.keys.insert("NEW".parse().unwrap(), String::new());
    new.files.get_mut(&path("text")).unwrap().mode = 0o600;
    assert!(diff(&old, &old).is_empty());

    let found = diff(&old, &new);
    let shown: Vec<_> = found
        .files
        .iter()
        .map(|(path, entry)| (path.as_str(), entry))
        .collect();
    let lines = ["a", "b", "c", ""].map(str::to_owned);
    let [a, b, c, end] = lines;
    let text = FileChange {
        mode: Some((0o640, 0o600)),
        owner: None,
        content: Some(Text::Lines(vec![
            Line::Same(a),
            Line::Removed(b),
            Line::Added(c),
            Line::Same(end),
        ])),
    };
    let binary = FileChange {
        mode: None,
        owner: None,
        content: Some(Text::Binary(4, 1)),
    };
    assert_eq!(
        shown,
        [
            ("binary", &Entry::Changed(binary)),
            ("is", &Entry::Added),
            ("text", &Entry::Changed(text)),
            ("was", &Entry::Removed),
        ]
    );
    let keys: Vec<_> = found
        .keys
        .iter()
        .map(|(key, entry)| (key.as_str(), entry))
        .collect();
    assert_eq!(keys, [("LEVEL", &Entry::Removed), ("NEW", &Entry::Added)]);
}
