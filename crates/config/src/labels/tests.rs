use super::*;
use proptest::{collection::btree_map, prelude::*};

fn read(labels: &[(&str, &str)]) -> Labels {
    let owned = labels
        .iter()
        .map(|(label, value)| (format!("{PREFIX}{label}"), (*value).to_owned()));
    Labels::read(&owned.collect())
}

fn app(name: &str) -> AppName {
    name.parse().unwrap()
}

/// What is said of the app `web`, which is all that is said.
fn web(labels: &[(&str, &str)]) -> Result<Wishes, String> {
    let labels = read(labels);
    assert_eq!(labels.problems, [""; 0]);
    assert!(labels.apps.keys().all(|name| name.as_str() == "web"));
    labels.wishes(&app("web"))
}

#[test]
fn who_says_nothing_wants_nothing() {
    let nothing = Wishes {
        on_change: OnChange::None,
        on_change_timeout: Duration::from_secs(10),
        check: None,
        check_timeout: Duration::from_secs(10),
    };
    for labels in [
        &[][..],
        &[("web.on-change", " "), ("web.check", "")],
        &[("web.on-change", "none")],
    ] {
        assert_eq!(web(labels).as_ref(), Ok(&nothing), "{labels:?}");
    }
    let others = ["dockeeper.config", "dockeeper.configs.x", "SERVICE_NAME"];
    let others = others.map(|label| (label.to_owned(), "x".to_owned()));
    assert_eq!(Labels::read(&others.into()), Labels::default());
}

#[test]
fn each_wish_is_read() {
    let hook = |text: &str| OnChange::Hook(text.parse().unwrap());
    for (text, expected) in [
        ("signal:SIGHUP", hook("signal:SIGHUP")),
        (" exec:nginx -s reload ", hook("exec:nginx -s reload")),
        ("http:PUT 8080/-/reload", hook("http:PUT 8080/-/reload")),
        ("restart", OnChange::Restart),
        ("recreate", OnChange::Recreate),
    ] {
        let wishes = web(&[("web.on-change", text)]).unwrap();
        assert_eq!(wishes.on_change, expected, "{text}");
    }
    let wishes = web(&[
        ("web.check", "exec:nginx -t"),
        ("web.check-timeout", "1m30s"),
        ("web.on-change-timeout", "10m"),
    ]);
    let expected = Wishes {
        check: Some("nginx -t".to_owned()),
        check_timeout: Duration::from_secs(90),
        on_change_timeout: TIMEOUT_MAX,
        ..Wishes::default()
    };
    assert_eq!(wishes, Ok(expected));
}

#[test]
fn what_cannot_be_used_leaves_its_app_without_wishes() {
    for (label, value, why) in [
        ("on-change", "reboot", "allowed is none, restart, recreate"),
        ("on-change", "mail:me", "allowed is exec:COMMAND"),
        ("on-change", "signal:NONSENSE", "no signal"),
        ("check", "nginx -t", "allowed is exec:COMMAND"),
        ("check", "signal:HUP", "allowed is exec:COMMAND"),
        ("check-timeout", "5y", "without a known unit"),
        ("check-timeout", "0", "from 1s to 10m"),
        ("on-change-timeout", "601", "from 1s to 10m"),
    ] {
        let label = format!("web.{label}");
        let error = web(&[(&label, value)]).unwrap_err();
        let begin = format!("{PREFIX}{label} is {value:?}: ");
        assert!(error.starts_with(&begin) && error.contains(why), "{error}");
    }
}

#[test]
fn all_that_is_wrong_with_an_app_is_named_and_others_are_not_touched() {
    let labels = read(&[
        ("web.on-change", "reboot"),
        ("web.check", "nginx -t"),
        ("db.on-change", "restart"),
    ]);
    let error = labels.wishes(&app("web")).unwrap_err();
    assert!(
        error.contains("reboot") && error.contains("nginx -t"),
        "{error}"
    );
    let db = labels.wishes(&app("db")).unwrap();
    assert_eq!(db.on_change, OnChange::Restart);
}

#[test]
fn not_more_than_a_few_problems_are_named() {
    let labels = (0..PROBLEMS_SHOWN_MAX + 2).map(|n| format!("web.no-{n}"));
    let labels: Vec<_> = labels.collect();
    let labels: Vec<_> = labels.iter().map(|label| (label.as_str(), "x")).collect();
    let error = web(&labels).unwrap_err();
    assert_eq!(error.matches("is no label").count(), PROBLEMS_SHOWN_MAX);
    assert!(error.ends_with("; and 2 more"), "{error}");
}

#[test]
fn a_label_that_there_is_not_is_named_with_those_that_there_are() {
    let known = "dockeeper.config.APP.on-change, dockeeper.config.APP.on-change-timeout, \
                 dockeeper.config.APP.check, dockeeper.config.APP.check-timeout";
    for value in ["", "restart"] {
        let error = web(&[("web.on-chnage", value)]).unwrap_err();
        assert!(
            error.contains("\"dockeeper.config.web.on-chnage\""),
            "{error}"
        );
        assert!(error.ends_with(known), "{error}");
        let labels = read(&[("web", value), ("", value)]);
        assert_eq!(labels.apps, BTreeMap::new());
        assert_eq!(labels.problems.len(), 2, "{:?}", labels.problems);
        assert!(
            labels
                .problems
                .iter()
                .all(|problem| problem.ends_with(known))
        );
    }
}

#[test]
fn a_name_that_no_app_can_have_is_named() {
    for label in ["-web.on-change", "a b.check", ".check", "..check"] {
        let labels = read(&[(label, "exec:x")]);
        assert_eq!(labels.apps, BTreeMap::new(), "{label}");
        let [problem] = labels.problems.as_slice() else {
            panic!("{label}: {:?}", labels.problems);
        };
        assert!(problem.contains(label), "{problem}");
        assert!(
            problem.contains("cannot be the name of an app"),
            "{problem}"
        );
    }
}

proptest! {
    #[test]
    fn an_app_may_have_dots_in_its_name(
        names in btree_map("[a-z0-9][a-zA-Z0-9_.-]{0,40}", 1_u64..=600, 0..5),
    ) {
        let labels = names.iter().flat_map(|(name, seconds)| [
            (format!("{PREFIX}{name}.check-timeout"), format!("{seconds}s")),
            (format!("{PREFIX}{name}.on-change"), "restart".to_owned()),
        ]);
        let found = Labels::read(&labels.collect());
        let expected = names.iter().map(|(name, seconds)| (app(name), Ok(Wishes {
            on_change: OnChange::Restart,
            check_timeout: Duration::from_secs(*seconds),
            ..Wishes::default()
        })));
        prop_assert_eq!(found, Labels { apps: expected.collect(), problems: vec![] });
    }

    #[test]
    fn no_label_is_passed_over(
        labels in btree_map(
            "(dockeeper[.]config[.])?(web|[.-])?[.]?(on-change|check|\\PC{0,5})(-timeout)?",
            "(exec:|http:)?(x|5s|\\PC{0,3})",
            0..8,
        ),
    ) {
        let found = Labels::read(&labels);
        let refused = found.apps.values().filter_map(|said| said.as_ref().err());
        let problems: Vec<_> = found.problems.iter().chain(refused).collect();
        for label in labels.keys().filter(|label| label.starts_with(PREFIX)) {
            let is_used = label.strip_prefix(PREFIX).unwrap().rsplit_once('.').is_some_and(
                |(name, key)| KEYS.contains(&key) && name.parse::<AppName>().is_ok(),
            );
            let is_named = || problems.iter().any(|text| {
                text.contains(&shown(label).to_string()) || text.ends_with(" more")
            });
            prop_assert!(is_used || is_named(), "{label:?}: {problems:?}");
        }
    }
}
