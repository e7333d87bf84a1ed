use super::*;
use crate::template::tests::{World, bundle};

/// A world where all is known.
fn known() -> Arc<dyn Facts> {
    Arc::new(World::default())
}

fn rendered(files: &[(&str, &str)], keys: &[(&str, &str)]) -> Result<Rendered, Box<Failed>> {
    render(&bundle(files, keys), &known())
}

#[test]
fn templates_lose_their_suffix_and_keep_the_rest() {
    let files = [
        ("a.conf.j2", "{{ keys.X }} {% include '_part' %}\n"),
        ("_part.j2", "part"),
        ("b", "{{ not a template }}"),
        ("c/d.j2.txt", "{{"),
    ];
    let rendered = rendered(&files, &[("X", "1")]).unwrap();
    let texts = rendered.files.iter().map(|(path, file)| {
        let text = str::from_utf8(&file.content).unwrap();
        (path.as_str(), file.mode, text)
    });
    let texts: Vec<_> = texts
        .filter(|(path, ..)| !path.starts_with("keys."))
        .collect();
    assert_eq!(
        texts,
        [
            ("a.conf", 0o640, "1 part\n"),
            ("b", 0o640, "{{ not a template }}"),
            ("c/d.j2.txt", 0o640, "{{"),
            ("keys/X", 0o644, "1"),
        ]
    );
    assert!(!rendered.has_secrets);
}

#[test]
fn two_do_not_become_one() {
    for (files, expected) in [
        (
            &[("a", ""), ("a.j2", "")][..],
            "a and a.j2 would both become a",
        ),
        (&[("keys.json.j2", "")], "would both become keys.json"),
        (&[("keys/X", "")], "would both become keys/X"),
        (&[("keys.j2", "")], "keys is a file, not a folder"),
        (
            &[("a.j2", ""), ("a/b/c", "")],
            "a/b/c cannot be written: a is a file",
        ),
        (&[("a/.j2", "")], "a/.j2: a template needs"),
        (&[(".j2", "")], ".j2: a template needs"),
    ] {
        let error = rendered(files, &[("X", "1")]).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(rendered(&[("keys.json.j2", ""), ("a", ""), ("a-b", "")], &[]).is_ok());
}

#[test]
fn the_digest_tells_everything_apart() {
    let digest = |bundle: &Bundle| render(bundle, &known()).unwrap().digest;
    let first = bundle(&[("a", "x"), ("b", "")], &[]);
    let mut digests = vec![digest(&first)];
    assert_eq!(digest(&first), digests[0]);
    for other in [
        bundle(&[("a", ""), ("b", "x")], &[]),
        bundle(&[("a", "xb"), ("c", "")], &[]),
        bundle(&[("a", "x")], &[]),
        bundle(&[("a", "x"), ("b", "")], &[("K", "")]),
        bundle(&[], &[]),
    ] {
        digests.push(digest(&other));
    }
    let changes: [fn(&mut crate::bundle::BundleFile); 3] = [
        |file| file.mode = 0,
        |file| file.uid = 9,
        |file| file.gid = 9,
    ];
    for change in changes {
        let mut other = first.clone();
        other.files.values_mut().for_each(change);
        digests.push(digest(&other));
    }
    let count = digests.len();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), count);
}

#[test]
fn the_digest_of_secrets_is_keyed_and_nothing_shows_them() {
    let world = World {
        secret: b"hunter2".to_vec(),
        ..World::default()
    };
    let bundle_of = |content| bundle(&[("a.j2", content)], &[]);
    let facts: Arc<dyn Facts> = Arc::new(world);
    let secret = render(&bundle_of("{{ secret('password') }}"), &facts).unwrap();
    let plain = render(&bundle_of("hunter2"), &facts).unwrap();
    assert!(secret.has_secrets && !plain.has_secrets);
    assert_eq!(secret.files, plain.files);
    assert_ne!(secret.digest, plain.digest);
    assert!(!format!("{secret:?}").contains("hunter2"));
}

#[test]
fn what_is_not_known_is_told_from_what_is_wrong() {
    let away: Arc<dyn Facts> = Arc::new(World {
        is_away: true,
        ..World::default()
    });
    let failed = |files| render(&bundle(files, &[]), &away).unwrap_err();
    // All that is asked for is found in one go, and nothing else is said before it is known.
    let failed_twice = failed(&[
        ("a.j2", "{{ service('x') }}"),
        ("b.j2", "{{ nothing }}"),
        ("c.j2", "{{ service('y') }}"),
    ]);
    let why = failed_twice.error.unavailable().unwrap();
    assert_eq!(why.what, "the instances of the service x");
    assert_eq!(failed_twice.asked.services.len(), 2);
    assert_eq!(
        failed(&[("b.j2", "{{ nothing }}")]).error.unavailable(),
        None
    );
}

#[test]
fn all_files_together_have_a_bound() {
    let long = "x".repeat(FILE_LEN_MAX);
    let names = ["a", "b", "c", "d", "e.j2"];
    let files: Vec<_> = names.iter().map(|name| (*name, long.as_str())).collect();
    assert!(rendered(&files[..4], &[]).is_ok());
    assert_eq!(rendered(&files, &[]).unwrap_err().error, Error::TooLong);
    let template = "{% for x in range(5) %}{{ file('a') }}{% endfor %}";
    let error = rendered(&[("x.j2", template), ("a", &long)], &[]).unwrap_err();
    assert!(error.to_string().contains("data volume"), "{error}");
}
