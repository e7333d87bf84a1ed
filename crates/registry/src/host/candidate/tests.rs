use super::*;
use crate::host::tests::{container, publish, settings};
use dockeeper_engine::container::{Env, NetworkAddress, State};
use dockeeper_health::Probe;

fn shown(container: &Container, settings: &Settings) -> Vec<String> {
    let candidates = candidates(container, None, settings);
    let line = |c: &Candidate| {
        let i = &c.instance;
        format!("{} {} {}", i.service, i.id, i.endpoint())
    };
    candidates.list.iter().map(line).collect()
}

fn problems(container: &Container) -> String {
    candidates(container, None, &settings()).problems.join("\n")
}

#[test]
fn a_published_port_is_reached_at_the_hosts_address() {
    let mut web = container("web");
    web.env = Env::from_iter(["SERVICE_NAME=web", "SERVICE_TAGS=a,b", "SERVICE_AZ=x"]);
    publish(&mut web, 80, Protocol::Tcp, Some("0.0.0.0:8080"));
    publish(&mut web, 443, Protocol::Tcp, None);
    assert_eq!(shown(&web, &settings()), ["web h1:web:80 10.0.0.5:8080"]);
    let candidates = candidates(&web, None, &settings());
    let origin = candidates.list[0].instance.origin.clone().unwrap();
    assert_eq!(origin.tags, ["a", "b"]);
    assert_eq!(
        origin.attributes,
        BTreeMap::from([("az".into(), "x".into())])
    );
    assert_eq!(candidates.problems, [""; 0]);
}

#[test]
fn a_port_suffix_comes_only_where_ports_would_collide() {
    let mut two = container("two");
    two.image = "team/app:1".into();
    publish(&mut two, 80, Protocol::Tcp, Some("0.0.0.0:8080"));
    publish(&mut two, 443, Protocol::Tcp, Some("0.0.0.0:8443"));
    assert_eq!(
        shown(&two, &settings()),
        [
            "app-80 h1:two:80 10.0.0.5:8080",
            "app-443 h1:two:443 10.0.0.5:8443"
        ]
    );
    two.labels = BTreeMap::from([
        ("SERVICE_80_NAME".into(), "web".into()),
        ("SERVICE_443_NAME".into(), "web,admin".into()),
    ]);
    assert_eq!(
        shown(&two, &settings()),
        [
            "web h1:two:80 10.0.0.5:8080",
            "web h1:two:443 10.0.0.5:8443",
            "admin h1:two:443 10.0.0.5:8443"
        ]
    );
    two.labels.insert("SERVICE_443_IGNORE".into(), "x".into());
    assert_eq!(shown(&two, &settings()), ["web h1:two:80 10.0.0.5:8080"]);
}

#[test]
fn tcp_and_udp_of_one_port_are_one_service() {
    let mut dns = container("dns");
    dns.image = "dns".into();
    publish(&mut dns, 53, Protocol::Tcp, Some("0.0.0.0:53"));
    publish(&mut dns, 53, Protocol::Udp, Some("0.0.0.0:53"));
    assert_eq!(
        shown(&dns, &settings()),
        ["dns h1:dns:53 10.0.0.5:53", "dns h1:dns:53:udp 10.0.0.5:53"]
    );
}

#[test]
fn a_range_of_ports_can_be_one_service() {
    let mut media = container("media");
    media
        .labels
        .insert("SERVICE_10000-10001_NAME".into(), "rtp".into());
    for port in 10000..10003 {
        publish(
            &mut media,
            port,
            Protocol::Udp,
            Some(&format!("0.0.0.0:{port}")),
        );
    }
    media
        .labels
        .insert("SERVICE_10002_NAME".into(), "control".into());
    let services: Vec<_> = shown(&media, &settings());
    assert_eq!(services[0], "rtp h1:media:10000:udp 10.0.0.5:10000");
    assert_eq!(services[2], "control h1:media:10002:udp 10.0.0.5:10002");
}

#[test]
fn compose_names_are_its_project_and_service() {
    let mut web = container("shop-web-1");
    web.image = "sha256:0123".into();
    web.labels = BTreeMap::from([
        ("com.docker.compose.project".into(), "shop".into()),
        ("com.docker.compose.service".into(), "web".into()),
    ]);
    publish(&mut web, 80, Protocol::Tcp, Some("0.0.0.0:1"));
    assert_eq!(
        shown(&web, &settings()),
        ["shop-web h1:shop-web-1:80 10.0.0.5:1"]
    );
    let alone = Settings {
        compose_name: crate::host::settings::ComposeName::Service,
        ..settings()
    };
    assert_eq!(shown(&web, &alone), ["web h1:shop-web-1:80 10.0.0.5:1"]);
    web.labels.clear();
    assert_eq!(
        shown(&web, &settings()),
        ["shop-web-1 h1:shop-web-1:80 10.0.0.5:1"]
    );
    let explicit = Settings {
        explicit: true,
        ..settings()
    };
    assert_eq!(shown(&web, &explicit), [""; 0]);
}

#[test]
fn loopback_is_advertised_only_when_asked_for() {
    let mut web = container("web");
    publish(&mut web, 80, Protocol::Tcp, Some("127.0.0.1:8080"));
    assert!(problems(&web).contains("loopback"), "{}", problems(&web));
    let allowed = Settings {
        advertise_loopback: true,
        ..settings()
    };
    assert_eq!(shown(&web, &allowed), ["web h1:web:80 127.0.0.1:8080"]);
    publish(&mut web, 80, Protocol::Tcp, Some("192.0.2.7:8081"));
    assert_eq!(shown(&web, &settings()), ["web h1:web:80 192.0.2.7:8081"]);
    publish(&mut web, 80, Protocol::Tcp, Some("[::]:8082"));
    publish(&mut web, 80, Protocol::Tcp, Some("0.0.0.0:8083"));
    web.ports[0]
        .bindings
        .retain(|b| b.host_ip.is_some_and(|ip| ip.is_unspecified()));
    assert_eq!(shown(&web, &settings()), ["web h1:web:80 10.0.0.5:8083"]);
}

#[test]
fn a_container_can_be_reached_at_its_own_address() {
    let mut web = container("web");
    web.networks = BTreeMap::from([
        ("back".into(), address([172, 18, 0, 2])),
        ("front".into(), address([172, 19, 0, 2])),
    ]);
    publish(&mut web, 80, Protocol::Tcp, None);
    assert_eq!(shown(&web, &settings()), [""; 0]);
    let internal = Settings {
        internal: true,
        ..settings()
    };
    assert_eq!(shown(&web, &internal), ["web h1:web:80 172.18.0.2:80"]);
    web.labels.insert("SERVICE_NETWORK".into(), "front".into());
    assert_eq!(shown(&web, &settings()), ["web h1:web:80 172.19.0.2:80"]);
    web.labels.insert("SERVICE_NETWORK".into(), "other".into());
    assert!(problems(&web).contains("it is on back, front"));
    web.labels = BTreeMap::from([
        ("SERVICE_IP".into(), "203.0.113.9".into()),
        ("SERVICE_PORT".into(), "80".into()),
    ]);
    assert_eq!(shown(&web, &settings()), ["web h1:web:80 203.0.113.9:80"]);
}

#[test]
fn the_host_network_needs_no_publishing() {
    let mut web = container("web");
    web.network_mode = "host".into();
    publish(&mut web, 80, Protocol::Tcp, None);
    assert_eq!(shown(&web, &settings()), ["web h1:web:80 10.0.0.5:80"]);
    web.ports.clear();
    assert_eq!(shown(&web, &settings()), [""; 0]);
    web.labels.insert("SERVICE_PORT".into(), "9000".into());
    assert_eq!(shown(&web, &settings()), ["web h1:web:9000 10.0.0.5:9000"]);
}

#[test]
fn a_port_that_docker_does_not_know_is_reached_like_any_other() {
    let mut main = container("main");
    publish(&mut main, 80, Protocol::Tcp, Some("0.0.0.0:8080"));
    let mut sidecar = container("sidecar");
    sidecar.network_mode = "container:main".into();
    sidecar.labels = BTreeMap::from([
        ("SERVICE_NAME".into(), "share".into()),
        ("SERVICE_PORT".into(), "80".into()),
    ]);
    let of = |sidecar: &Container, peer| candidates(sidecar, peer, &settings());
    let found = of(&sidecar, Some(&main));
    assert_eq!(found.list[0].instance.endpoint(), "10.0.0.5:8080");
    assert_eq!(found.list[0].instance.id.as_str(), "h1:sidecar:80");
    // What its image exposes says nothing: the network is another's.
    publish(&mut sidecar, 9, Protocol::Tcp, None);
    assert_eq!(of(&sidecar, Some(&main)).list, found.list);
    sidecar.labels.insert("SERVICE_PORT".into(), "81".into());
    let found = of(&sidecar, Some(&main));
    assert_eq!(found.list, []);
    assert!(
        found.refused[0]
            .why
            .starts_with("port 81/tcp is not published")
    );
    // The other may only not have been read yet.
    let found = of(&sidecar, None);
    assert_eq!((found.list, found.problems), (vec![], vec![]));
    assert!(found.refused[0].why.contains("shares the network"));
}

#[test]
fn what_was_named_and_is_not_published_is_said() {
    let mut web = container("web");
    web.labels.insert("SERVICE_PORT".into(), "80".into());
    let refused = |web: &Container| {
        let found = candidates(web, None, &settings());
        assert_eq!(found.list, []);
        let services = found.refused.iter().map(|r| r.service.to_string());
        (
            services.collect::<Vec<_>>().join(" "),
            found.problems.join("\n"),
        )
    };
    assert_eq!(refused(&web), (String::new(), String::new()));
    web.labels.insert("SERVICE_NAME".into(), "web".into());
    let (services, problems) = refused(&web);
    assert_eq!(services, "web");
    assert!(problems.contains("not published (80/tcp)"), "{problems}");
    web.labels.remove("SERVICE_PORT");
    assert!(refused(&web).1.contains("the container has no port"));
    publish(&mut web, 80, Protocol::Tcp, None);
    publish(&mut web, 443, Protocol::Tcp, None);
    let (services, problems) = refused(&web);
    assert_eq!(services, "web web");
    assert!(problems.contains("(80/tcp, 443/tcp)"), "{problems}");
    // The name is meant for the port that is published.
    publish(&mut web, 80, Protocol::Tcp, Some("0.0.0.0:8080"));
    let found = candidates(&web, None, &settings());
    assert_eq!((found.refused, found.problems), (vec![], vec![]));
    web.labels.insert("SERVICE_443_NAME".into(), "tls".into());
    let found = candidates(&web, None, &settings());
    assert_eq!(found.refused[0].service.as_str(), "tls");
    assert!(found.problems[0].contains("(443/tcp)"));
}

#[test]
fn what_docker_does_not_know_while_a_container_is_started_again_is_no_problem() {
    let settings = settings();
    for (key, value) in [
        ("SERVICE_TAGS", "chosen by Docker"),
        ("SERVICE_INTERNAL", "true"),
        ("SERVICE_NETWORK", "blue"),
    ] {
        let mut web = container("web");
        web.networks = BTreeMap::from([("blue".into(), NetworkAddress::default())]);
        publish(&mut web, 80, Protocol::Tcp, None);
        web.labels.insert("SERVICE_NAME".into(), "web".into());
        web.labels.insert(key.into(), value.into());
        assert_ne!(candidates(&web, None, &settings).problems, [""; 0], "{key}");
        web.state = State::Restarting;
        let mut inside = container("inside");
        inside.network_mode = format!("container:{}", web.id);
        inside.labels.clone_from(&web.labels);
        inside.labels.insert("SERVICE_PORT".into(), "80".into());
        for found in [
            candidates(&web, None, &settings),
            candidates(&inside, Some(&web), &settings),
        ] {
            assert_eq!(found.problems, [""; 0], "{key}");
            assert!(found.list.is_empty(), "{key}");
            assert_eq!(found.refused.len(), 1, "{key}");
            assert!(found.refused[0].why.contains("web is restarting"), "{key}");
        }
    }
    // What nobody has named is not shown as a service that is to come.
    let mut web = container("web");
    web.state = State::Restarting;
    publish(&mut web, 443, Protocol::Tcp, None);
    assert_eq!(candidates(&web, None, &settings), Candidates::default());
    // What is wrong all the same is said all the same.
    let mut web = container("web");
    web.state = State::Restarting;
    publish(&mut web, 80, Protocol::Tcp, Some("127.0.0.1:8080"));
    assert!(problems(&web).contains("loopback"));
    web.labels.insert("SERVICE_NETWORK".into(), "red".into());
    assert!(problems(&web).contains("SERVICE_NETWORK is "));
}

#[test]
fn a_shared_network_is_that_of_the_other_container() {
    let mut sidecar = container("sidecar");
    sidecar.network_mode = "container:main".into();
    publish(&mut sidecar, 80, Protocol::Tcp, None);
    let mut main = container("main");
    publish(&mut main, 80, Protocol::Tcp, Some("0.0.0.0:8080"));
    let candidates = candidates(&sidecar, Some(&main), &settings());
    assert_eq!(candidates.list[0].instance.endpoint(), "10.0.0.5:8080");
}

#[test]
fn nonsense_is_a_problem_and_disturbs_nothing_else() {
    let mut web = container("web");
    publish(&mut web, 80, Protocol::Tcp, Some("0.0.0.0:8080"));
    publish(&mut web, 81, Protocol::Tcp, Some("0.0.0.0:8081"));
    for (key, value, why) in [
        ("SERVICE_80_NAME", "a/b", "the character '/'"),
        ("SERVICE_80_NAME", "..", "'.' or '..'"),
        (
            "SERVICE_80_NAME",
            "..",
            "SERVICE_80_NAME: \"..\" is no name",
        ),
        ("SERVICE_80_ID", "x/y", "SERVICE_80_ID: \"x/y\" is no id"),
        ("SERVICE_80_NAME", "a\u{1}b", "control character '\\u{1}'"),
        ("SERVICE_80_NAME", ",,,", "names no service"),
        ("SERVICE_80_NAME", " , ", "names no service"),
        ("SERVICE_80_ID", "a\tb", "control character '\\t'"),
        ("SERVICE_80_IP", "10.0.0", "not an IP address"),
        ("SERVICE_80_IP", "10.0.0.9\n", "control character '\\n'"),
        ("SERVICE_80_IP", "0.0.0.0", "no host's address"),
        ("SERVICE_80_IP", "::", "no host's address"),
        ("SERVICE_80_IP", "255.255.255.255", "no host's address"),
        ("SERVICE_80_IP", "224.0.0.1", "no host's address"),
        ("SERVICE_80_IP", "127.0.0.1", "--advertise-loopback"),
        ("SERVICE_80_IP", "::ffff:127.0.0.1", "--advertise-loopback"),
        ("SERVICE_80_INTERNAL", "maybe", "neither true nor false"),
        ("SERVICE_80_NETWORK", "none", "it is on no network"),
        ("SERVICE_80_PORT", "70000", "not a port from 1"),
        ("SERVICE_80_PORT", "-1", "not a port from 1"),
        ("SERVICE_80_ID", "a\u{1f600}", "no id for an instance"),
        ("SERVICE_80_WEIGHT", "much", "not a whole number"),
    ] {
        web.labels = BTreeMap::from([(key.into(), value.into())]);
        let found = candidates(&web, None, &settings());
        assert_eq!(found.list.len(), 1, "{key}={value}");
        assert_eq!(found.list[0].instance.port, Some(8081));
        assert!(found.problems[0].contains(why), "{}", found.problems[0]);
    }
}

#[test]
fn a_check_that_makes_no_sense_is_kept_as_an_error() {
    let mut web = container("web");
    publish(&mut web, 80, Protocol::Tcp, Some("0.0.0.0:8080"));
    web.labels.insert("SERVICE_CHECK_TCP".into(), "true".into());
    let check = |web: &Container| candidates(web, None, &settings()).list[0].check.clone();
    assert_eq!(check(&web).unwrap().unwrap().probe, Probe::Tcp);
    web.labels
        .insert("SERVICE_CHECK_INTERVAL".into(), "-1s".into());
    assert!(
        check(&web).unwrap_err().contains("INTERVAL"),
        "{:?}",
        check(&web)
    );
    assert!(
        problems(&web).contains("SERVICE_CHECK_INTERVAL is \"-1s\""),
        "said in the log too"
    );
    for (key, value, why) in [
        ("SERVICE_CHECK_HTP", "/nope", "no check has this key"),
        ("SERVICE_CHECK_HTP", "/nope", "SERVICE_CHECK_HTP is"),
        ("SERVICE_CHECK_HTP", "/nope", "CHECK_HTTP, "),
        ("SERVICE_CHECK_TTL", "30s\u{1}", "SERVICE_CHECK_TTL is"),
        ("SERVICE_CHECK_CMD", "a\u{1}b", "control characters"),
        ("SERVICE_CHECK_RISE", "0", "SERVICE_CHECK_RISE is"),
        ("SERVICE_CHECK_HTTP", "no-slash", "SERVICE_CHECK_HTTP is"),
    ] {
        web.labels = BTreeMap::from([
            ("SERVICE_CHECK_TCP".into(), "true".into()),
            (key.into(), value.into()),
        ]);
        assert!(check(&web).unwrap_err().contains(why), "{key}={value}");
        assert!(problems(&web).contains(why), "{key}={value}");
    }
}

#[test]
fn a_check_over_tcp_judges_no_other_protocol() {
    let mut dns = container("dns");
    publish(&mut dns, 53, Protocol::Udp, Some("0.0.0.0:53"));
    for (check, value, is_possible) in [
        ("SERVICE_CHECK_TCP", "true", false),
        ("SERVICE_CHECK_HTTP", "/", false),
        ("SERVICE_CHECK_GRPC", "true", false),
        ("SERVICE_CHECK_CMD", "true", true),
        ("SERVICE_CHECK_TTL", "30s", true),
    ] {
        dns.labels = BTreeMap::from([(check.into(), value.into())]);
        let found = candidates(&dns, None, &settings());
        assert_eq!(found.list[0].check.is_ok(), is_possible, "{check}");
        let is_said = found.problems.iter().any(|why| why.contains("53/udp"));
        assert_ne!(is_said, is_possible, "{:?}", found.problems);
    }
    // What is served over TCP as well can be told by that.
    dns.labels = BTreeMap::from([("SERVICE_CHECK_TCP".into(), "true".into())]);
    publish(&mut dns, 53, Protocol::Tcp, Some("0.0.0.0:53"));
    let found = candidates(&dns, None, &settings());
    assert!(found.list.iter().all(|candidate| candidate.check.is_ok()));
    assert_eq!(found.problems, [""; 0]);
}

#[test]
fn a_command_may_have_several_lines() {
    let mut web = container("web");
    publish(&mut web, 80, Protocol::Tcp, Some("0.0.0.0:8080"));
    for command in ["set -e\nfalse", "test\t-e /nope"] {
        web.env = Env::from_iter([format!("SERVICE_CHECK_CMD={command}")]);
        let found = candidates(&web, None, &settings());
        let check = found.list[0].check.clone().unwrap().unwrap();
        let expected = ["sh", "-c", command].map(str::to_owned);
        assert_eq!(check.probe, Probe::Command(expected.into()));
        assert_eq!(
            found.list[0].instance.origin.as_ref().unwrap().attributes,
            BTreeMap::new()
        );
    }
}

#[test]
fn any_word_ignores() {
    let mut web = container("web");
    publish(&mut web, 80, Protocol::Tcp, Some("0.0.0.0:8080"));
    for word in ["x", "because\nof", "\u{1}", &"x".repeat(1 << 20)] {
        web.env = Env::from_iter([format!("SERVICE_IGNORE={word}")]);
        assert_eq!(candidates(&web, None, &settings()), Candidates::default());
    }
}

#[test]
fn one_problem_is_said_once_and_names_what_it_keeps_away() {
    let mut web = container("web");
    for port in [80, 81] {
        publish(
            &mut web,
            port,
            Protocol::Tcp,
            Some(&format!("0.0.0.0:80{port}")),
        );
    }
    web.labels
        .insert("SERVICE_NAME".into(), "web,web, web".into());
    assert_eq!(candidates(&web, None, &settings()).list.len(), 2);
    web.labels.insert("SERVICE_NETWORK".into(), "other".into());
    let found = candidates(&web, None, &settings());
    assert_eq!((found.list.len(), found.problems.len()), (0, 1));
    assert_eq!(found.refused.len(), 2);
    assert_eq!(found.refused[0].why, found.problems[0]);
}

fn address(ip: [u8; 4]) -> NetworkAddress {
    NetworkAddress {
        ipv4: Some(ip.into()),
        ipv6: None,
    }
}
