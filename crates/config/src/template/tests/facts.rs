use super::{World, refused, render, render_in};
use crate::template::Why;

const ORDERS: &str = "{% for i in service('orders') %}{{ i.endpoint }} {% endfor %}";

#[test]
fn what_is_known_is_rendered() {
    for (template, expected) in [
        (ORDERS, "h1.example:80 h2.example:80 "),
        (
            "{{ service('orders', tag='v1') | map(attribute='id') | join }}",
            "h2:orders:80",
        ),
        ("{{ service('orders')[0].metadata.az }}", "a"),
        ("{{ service('orders')[0].tags | join }}", "v2"),
        ("{{ service('none') | length }}", "0"),
        (
            "{{ leader('db').instances[0].port }} {{ leader('db').token }}",
            "5432 7",
        ),
        ("{{ 'x' if leader('none') is none else 'y' }}", "x"),
        ("{{ app('other').URL }}", "http://x"),
        (
            "{{ node.name }} {{ node.labels.zone }} {{ node.cpus }}",
            "h1 a 4",
        ),
        (
            "{{ container.name }} {{ container.labels.tier }}",
            "web-1 front",
        ),
        ("{{ container.networks.bridge }}", "172.17.0.2"),
    ] {
        assert_eq!(render(template).unwrap(), expected, "{template}");
    }
}

#[test]
fn what_does_not_exist_is_an_error() {
    refused("{{ app('none') }}", "no app none");
    refused("{{ app('a/b') }}", "cannot be the name of an app");
    refused("{{ secret('none') }}", "no secret none");
    refused("{{ leader('none') }}", "the value is none");
    refused("{{ leader('none').node }}", "`(...).node` is undefined");
}

#[test]
fn what_was_asked_for_is_recorded() {
    let template = "{{ service('orders') | length }}{{ leader('none') is none }}{{ app('other').URL }}\
                    {{ secret('password') }}{{ container.name }}{{ container.labels.tier }}";
    let (_, asked) = render_in(World::default(), &[("x.j2", template)]);
    assert!(asked.services.contains(&"orders".parse().unwrap()));
    assert!(asked.leaders.contains(&"none".parse().unwrap()));
    assert!(asked.apps.contains(&"other".parse().unwrap()));
    assert!(asked.secrets.contains(&"password".parse().unwrap()));
    assert_eq!(Vec::from_iter(asked.container), ["labels", "name"]);
    assert!(!asked.node);
    let (_, asked) = render_in(World::default(), &[("x.j2", "{{ node | tojson }}")]);
    assert!(asked.node && asked.container.is_empty());
}

#[test]
fn nothing_is_rendered_to_nothing_because_zookeeper_is_away() {
    let away = World {
        is_away: true,
        ..World::default()
    };
    for template in [
        ORDERS,
        "{{ service('none') | default([]) | length }}",
        "{{ leader('db') is none }}",
        "{{ app('other') | default('') }}",
        "{% if secret('password') is defined %}{% endif %}",
        "{% set x = service('orders') %}",
    ] {
        let (text, asked) = render_in(away.clone(), &[("x.j2", template)]);
        let error = text.unwrap_err();
        assert!(
            matches!(error.why, Why::Unavailable(_)),
            "{template}: {error}"
        );
        assert!(error.to_string().contains("not been reached"), "{error}");
        // So that it is rendered when it is known.
        assert_ne!(asked, Default::default(), "{template}");
    }
}

#[test]
fn a_missing_fact_is_not_passed_over() {
    let early = World {
        has_no_networks: true,
        ..World::default()
    };
    for template in [
        "{{ container.networks.bridge }}",
        "{{ container.networks | default('') }}",
        "{% if container.networks is defined %}a{% endif %}",
        "{% if container['networks'] is undefined %}a{% endif %}",
        "{% for name in container %}{{ container[name] is defined }}{% endfor %}",
        "{{ container | tojson }}",
    ] {
        let (text, _) = render_in(early.clone(), &[("x.j2", template)]);
        let error = text.unwrap_err();
        assert!(
            matches!(error.why, Why::Unavailable(_)),
            "{template}: {error}"
        );
    }
    let (text, _) = render_in(early, &[("x.j2", "{{ container.name }}")]);
    assert_eq!(text.unwrap(), "web-1");
}

#[test]
fn no_error_shows_a_secret() {
    let world = World {
        secret: b"hunter2".to_vec(),
        ..World::default()
    };
    let (text, _) = render_in(world.clone(), &[("x.j2", "{{ secret('password') }}")]);
    assert_eq!(text.unwrap(), "hunter2");
    for template in [
        "{{ secret('password') | int }}",
        "{{ secret('password') | fromjson }}",
        "{{ secret('password') | round }}",
        "{{ secret('password') + 1 }}",
        "{{ keys[secret('password')] }}",
        "{{ {}[secret('password')] }}",
        "{% include secret('password') %}",
        "{{ file(secret('password')) }}",
        "{{ key(secret('password')) }}",
        "{{ app(secret('password')) }}",
        "{{ secret(secret('password')) }}",
        "{{ nothing(secret('password')) }}",
        "{{ secret('password')() }}",
        "{{ secret('password').x() }}",
        "{{ key('LEVEL', **{secret('password'): 1}) }}",
        "{% set x = secret('password') %}{{ nothing }}",
    ] {
        let (text, _) = render_in(world.clone(), &[("x.j2", template)]);
        let error = text.unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{template}: {error}"
        );
    }
    // What is of no secret is still said.
    let template = "{{ secret('password') }}{{ keys.NONE }}";
    let (text, _) = render_in(world, &[("x.j2", template)]);
    assert!(text.unwrap_err().to_string().contains("keys.NONE"));
    let binary = World {
        secret: vec![0xff],
        ..World::default()
    };
    let (text, _) = render_in(binary, &[("x.j2", "{{ secret('password') }}")]);
    assert!(text.unwrap_err().to_string().contains("not UTF-8"));
}
