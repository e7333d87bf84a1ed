use super::*;

fn metadata(env: &[(&str, &str)], labels: &[(&str, &str)]) -> Metadata {
    let mut metadata = Metadata::default();
    for (name, value) in env {
        metadata.add(name, value, false);
    }
    for (name, value) in labels {
        metadata.add(name, value, true);
    }
    metadata.entries.sort_by_key(Entry::strength);
    metadata
}

#[test]
fn the_most_specific_wins_and_labels_beat_variables() {
    let metadata = metadata(
        &[
            ("SERVICE_NAME", "a"),
            ("SERVICE_80_NAME", "b"),
            ("SERVICE_Region", "eu"),
            ("OTHER", "x"),
        ],
        &[("SERVICE_NAME", "c"), ("SERVICE_8000-8010_NAME", "d")],
    );
    let name = |port| metadata.for_port(port).get("name").unwrap().text;
    assert_eq!((name(443), name(80), name(8005)), ("c", "b", "d"));
    assert!(metadata.for_port(80).get("name").unwrap().is_specific);
    assert!(!metadata.for_port(443).get("name").unwrap().is_specific);
    assert_eq!(metadata.for_port(1).text("region"), Some("eu"));
    assert_eq!(metadata.problems(), [""; 0]);
}

#[test]
fn a_port_that_is_none_is_said() {
    let metadata = metadata(
        &[],
        &[
            ("SERVICE_70000_NAME", "x"),
            ("SERVICE_9-8_NAME", "y"),
            ("SERVICE_0_ID", "z"),
        ],
    );
    let problems = metadata.problems().join("\n");
    for part in ["70000 is no port", "9-8 is no", "0 is no port"] {
        assert!(problems.contains(part), "{problems}");
    }
    assert!(metadata.entries.is_empty());
}

#[test]
fn what_a_useless_value_means_depends_on_its_key() {
    let long = "x".repeat(1 << 20);
    for useless in ["a\u{1}b", "a\nb", "\t", long.as_str()] {
        for name in ["NAME", "ID", "IP", "PORT", "NETWORK", "INTERNAL", "WEIGHT"] {
            let name = format!("SERVICE_{name}");
            let metadata = metadata(&[(&name, useless)], &[]);
            let fault = metadata.for_port(1).usable().unwrap_err();
            assert!(fault.starts_with(&format!("{name} cannot be used: it has")));
        }
        let env = [
            ("SERVICE_IGNORE", useless),
            ("SERVICE_CHECK_CMD", useless),
            ("SERVICE_TAGS", useless),
            ("SERVICE_A", useless),
            ("SERVICE_B", "good"),
        ];
        let metadata = metadata(&env, &[]);
        let mut found = metadata.for_port(1);
        assert_eq!(found.usable(), Ok(()));
        assert!(found.is_ignored());
        assert_eq!(found.checks().collect::<Vec<_>>(), [("check_cmd", useless)]);
        assert_eq!(found.text("tags"), None);
        assert_eq!(found.attributes().collect::<Vec<_>>(), [("b", "good")]);
        assert_eq!(found.take_problems().len(), 2);
    }
    let metadata = metadata(&[("SERVICE_NAME", "\n")], &[("SERVICE_NAME", "web")]);
    assert_eq!(metadata.for_port(1).usable(), Ok(()), "the label beats it");
}

#[test]
fn too_much_in_all_costs_attributes_and_nothing_else() {
    let value = "x".repeat(4000);
    let names: Vec<_> = (10..30).map(|n| format!("SERVICE_A{n}")).collect();
    let mut env: Vec<_> = names.iter().map(|n| (n.as_str(), value.as_str())).collect();
    env.extend([
        ("SERVICE_NAME", "web"),
        ("SERVICE_IGNORE", "x"),
        ("SERVICE_CHECK_HTTP", "/"),
        ("SERVICE_TAGS", "a"),
    ]);
    let metadata = metadata(&env, &[]);
    let mut found = metadata.for_port(1);
    assert_eq!(found.attributes().count(), 8);
    assert_eq!(found.text("name"), Some("web"));
    assert_eq!(found.text("tags"), Some("a"));
    assert_eq!(found.checks().count(), 1);
    assert!(found.is_ignored());
    let [problem] = found.take_problems().try_into().unwrap();
    assert!(
        problem.starts_with("12 attributes are left out (SERVICE_A18, "),
        "{problem}"
    );
}

#[test]
fn a_switch_is_on_or_off() {
    let is_on = |text| {
        metadata(&[("SERVICE_INTERNAL", text)], &[])
            .for_port(1)
            .is_on("internal")
    };
    for (text, expected) in [("", false), ("TRUE", true), ("1", true), ("off", false)] {
        assert_eq!(is_on(text), Ok(expected), "{text}");
    }
    let error = is_on("maybe").unwrap_err();
    assert_eq!(
        error,
        "SERVICE_INTERNAL is \"maybe\", neither true nor false"
    );
}

#[test]
fn commas_can_be_escaped() {
    assert_eq!(split_list(r"a,b\,c,,d\e"), ["a", "b,c", r"d\e"]);
    assert_eq!(split_list(""), [""; 0]);
    assert_eq!(split_list(r"/(;\,:-_)/"), ["/(;,:-_)/"]);
}
