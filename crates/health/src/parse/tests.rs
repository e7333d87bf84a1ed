//! Tests of the keys, alone and together.

use std::time::Duration;

use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::verdict::Verdict;

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn read(pairs: Pairs<'_>) -> Result<Option<Check>, Error> {
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    check(&pairs.iter().map(own).collect())
}

fn probe_of(pairs: Pairs<'_>) -> Option<Probe> {
    read(pairs)
        .expect("the keys make sense")
        .map(|check| check.probe)
}

fn http(tls: bool, method: Method, path: &str, skip_verify: bool) -> Probe {
    Probe::Http {
        tls,
        method,
        path: path.to_owned(),
        skip_verify,
    }
}

fn grpc(service: &str, tls: bool, skip_verify: bool) -> Probe {
    Probe::Grpc {
        service: service.to_owned(),
        tls,
        skip_verify,
    }
}

fn shell(command: &str) -> Probe {
    Probe::Command(["sh", "-c", command].map(str::to_owned).into())
}

#[test]
fn each_kind_is_read() {
    let cases: &[(Pairs<'_>, Option<Probe>)] = &[
        (&[], None),
        (&[("check_interval", "nonsense")], None),
        (
            &[("check_http", "/h?a=1")],
            Some(http(false, Method::GET, "/h?a=1", false)),
        ),
        (
            &[("check_http", "/"), ("check_http_method", "head")],
            Some(http(false, Method::HEAD, "/", false)),
        ),
        (
            &[
                ("check_https", "/"),
                ("check_http_method", "PUT"),
                ("check_tls_skip_verify", "1"),
            ],
            Some(http(true, Method::GET, "/", true)),
        ),
        (
            &[("check_https", "/"), ("check_https_method", "PUT")],
            Some(http(true, Method::PUT, "/", false)),
        ),
        (
            &[("check_cmd", "/check.sh $SERVICE_PORT")],
            Some(shell("/check.sh $SERVICE_PORT")),
        ),
        (&[("check_script", "a\n\tb")], Some(shell("a\n\tb"))),
        (
            &[("check_ttl", "30s")],
            Some(Probe::Ttl(Duration::from_secs(30))),
        ),
        (&[("check_tcp", "Yes")], Some(Probe::Tcp)),
        (&[("check_tcp", "false")], None),
        (&[("check_tcp", " ")], None),
        (&[("check_grpc", "true")], Some(grpc("", false, false))),
        (&[("check_grpc", "off")], None),
        (
            &[
                ("check_grpc", "a.B"),
                ("check_grpc_use_tls", "on"),
                ("check_tls_skip_verify", "t"),
            ],
            Some(grpc("a.B", true, true)),
        ),
    ];
    for (pairs, probe) in cases {
        assert_eq!(probe_of(pairs), *probe, "{pairs:?}");
    }
}

#[test]
fn the_first_kind_wins_in_registrators_order() {
    let mut all = vec![
        ("check_http", "/"),
        ("check_https", "/"),
        ("check_cmd", "cmd"),
        ("check_script", "script"),
        ("check_ttl", "9s"),
        ("check_tcp", "true"),
        ("check_grpc", "true"),
    ];
    let order = [
        http(false, Method::GET, "/", false),
        http(true, Method::GET, "/", false),
        shell("cmd"),
        shell("script"),
        Probe::Ttl(Duration::from_secs(9)),
        Probe::Tcp,
        grpc("", false, false),
    ];
    for probe in order {
        assert_eq!(probe_of(&all), Some(probe));
        all.remove(0);
    }
}

#[test]
fn times_and_counts_are_read() {
    let check = read(&[
        ("check_tcp", "true"),
        ("check_interval", "5s"),
        ("check_rise", "2"),
        ("check_fall", "3"),
        ("check_initial_status", "Warning"),
        ("check_deregister_after", "whatever"),
    ]);
    let check = check
        .expect("the keys make sense")
        .expect("there is a check");
    assert_eq!(
        (check.interval, check.timeout),
        (Duration::from_secs(5), Duration::from_secs(5))
    );
    assert_eq!((check.rise, check.fall), (2, 3));
    assert_eq!(check.initial, Verdict::Passing);

    let plain = read(&[("check_tcp", "true"), ("check_initial_status", "critical")]);
    assert_eq!(plain, Ok(Some(Check::new(Probe::Tcp))));
}

#[test]
fn absurd_values_are_refused_by_name() {
    let huge = "9".repeat(1_000_000);
    let long_path = format!("/{huge}");
    let cases: &[(&str, &str)] = &[
        ("check_http", "health"),
        ("check_http", "http://example.org/"),
        ("check_http", "/a b"),
        ("check_http", "/a\r\nHost: b"),
        ("check_http", "/a#b"),
        ("check_http", "/ä"),
        ("check_http", &long_path),
        ("check_https", "true"),
        ("check_http_method", "BREW"),
        ("check_https_method", "GET /"),
        ("check_cmd", "a\0b"),
        ("check_cmd", &huge),
        ("check_script", "a\x1bb"),
        ("check_ttl", "-1s"),
        ("check_ttl", "1ms"),
        ("check_ttl", &huge),
        ("check_tcp", "maybe"),
        ("check_grpc", "a b"),
        ("check_grpc", &huge),
        ("check_grpc_use_tls", "2"),
        ("check_tls_skip_verify", "x"),
        ("check_interval", "10 s"),
        ("check_interval", "2h"),
        ("check_timeout", "0"),
        ("check_timeout", &huge),
        ("check_initial_status", "happy"),
        ("check_rise", "0"),
        ("check_fall", "-1"),
        ("check_fall", &huge),
    ];
    for (key, value) in cases {
        // The keys that say more about a probe are read only with its kind.
        let kind = match *key {
            "check_https_method" => ("check_https", "/"),
            "check_grpc_use_tls" => ("check_grpc", "true"),
            "check_cmd" | "check_script" | "check_ttl" | "check_tcp" | "check_grpc"
            | "check_https" => (*key, *value),
            _ => ("check_http", "/"),
        };
        let error = read(&[kind, (key, value)]).expect_err(key);
        assert_eq!(error.key.as_ref(), *key);
        let text = error.to_string();
        assert!(text.contains(key) && text.contains("allowed is"), "{text}");
        assert!(
            text.len() < 400 && !text.contains(char::is_control),
            "{text}"
        );
    }
}

#[test]
fn an_error_reads_well() {
    let error = read(&[("check_tcp", "1"), ("check_interval", "5w")]).expect_err("no such unit");
    assert_eq!(
        error.to_string(),
        "check_interval=\"5w\": the value has a number without a known unit; allowed is a \
         duration from 1s to 1h, such as 10s or 1m30s"
    );
}

#[test]
fn a_key_that_no_check_has_is_refused() {
    for keys in [
        &[("check_htp", "/")][..],
        &[("check_tcp", "true"), ("check_intervall", "5s")],
    ] {
        let error = read(keys).expect_err("a misspelt key").to_string();
        assert!(
            error.contains("no check has this key") && error.contains("CHECK_HTTP,"),
            "{error}"
        );
    }
    assert_eq!(read(&[("checks", "5")]), Ok(None));
}

#[test]
fn the_reserved_keys_are_sorted() {
    assert!(RESERVED.is_sorted());
}

/// Values near the sensible ones, so that many combinations get through.
fn likely_value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "/[a-z?&=%0-9 #]{0,8}",
        "[0-9]{1,4}(ms|s|m|h)?",
        select(vec![
            "true", "false", "GET", "passing", "critical", "a.B", ""
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn whatever_is_read_is_within_its_bounds(
        keys in btree_map(select(&RESERVED[..]).prop_map(str::to_owned), likely_value(), 0..6),
    ) {
        if let Ok(Some(check)) = check(&keys) {
            prop_assert_eq!(check.clone().clamped(), check);
        }
    }
}
