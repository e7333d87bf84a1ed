use super::{World, refused, render, render_in};

#[test]
fn keys_are_asked_for_by_name() {
    for (template, expected) in [
        ("{{ keys.LEVEL }}", "info"),
        ("{{ keys['log.file'] }}", "/x"),
        ("{{ key('LEVEL') }}", "info"),
        ("{{ key('NONE', default='x') }}", "x"),
        ("{{ keys.NONE | default('x') }}", "x"),
        ("{% if keys.NONE is defined %}a{% else %}b{% endif %}", "b"),
        (
            "{% for key, value in keys | items %}{{ key }} {% endfor %}",
            "LEVEL LIST log.file ",
        ),
    ] {
        assert_eq!(render(template).unwrap(), expected, "{template}");
    }
}

#[test]
fn an_undefined_value_is_an_error_that_names_file_line_and_name() {
    let error = render("a\n{{ keys.NONE }}\n").unwrap_err();
    assert_eq!((error.file.as_str(), error.line), ("x.conf.j2", Some(2)));
    assert!(error.to_string().starts_with("x.conf.j2:2: "), "{error}");
    refused("{{ keys.NONE }}", "keys.NONE");
    refused("{{ nothing }}", "nothing");
    refused("{{ keys.NONE.x }}", "keys.NONE");
    refused("{% if nothing %}{% endif %}", "nothing");
    refused("{{ key('NONE') }}", "no key NONE");
    refused("{{ app('other').NONE }}", "NONE");
    refused("{{ key('NONE', defualt=1) }}", "defualt");
    refused("{{ node.nothing }}", "node.nothing");
    refused("{{ x.y }", "syntax error");
    refused("{{ keys.LEVEL | nothing }}", "unknown filter");
}

#[test]
fn text_is_never_escaped_and_lines_stay() {
    let quote = "\"<&'";
    for name in ["x.html.j2", "x.json.j2", "x.yaml.j2", "x.j2"] {
        let template = format!("a: {{{{ '{}' }}}}\n", quote.replace('\'', "\\'"));
        let (text, _) = render_in(World::default(), &[(name, &template)]);
        assert_eq!(text.unwrap(), format!("a: {quote}\n"), "{name}");
    }
    let lines = "a{% if true %} b{% endif %}\n{% for x in [1, 2] -%}\n{{ x }}\n{% endfor %}\n\n";
    assert_eq!(render(lines).unwrap(), "a b\n1\n2\n\n\n");
}

#[test]
fn files_of_the_bundle_are_included_imported_and_read() {
    let files = [
        (
            "conf.d/x.j2",
            "{% include 'part' %}|{% include './near' %}|{% include '../part.j2' %}|\
             {{ file('raw') }}|{% import '_macros.j2' as m %}{{ m.twice('a') }}",
        ),
        ("part.j2", "{{ keys.LEVEL }}"),
        ("conf.d/near", "near"),
        ("raw", "{{ raw }}"),
        (
            "_macros.j2",
            "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}",
        ),
    ];
    let (text, _) = render_in(World::default(), &files);
    assert_eq!(text.unwrap(), "info|near|info|{{ raw }}|aa");
}

#[test]
fn what_goes_wrong_in_an_included_file_is_named_there() {
    let files = [("x.j2", "{% include 'y' %}"), ("y", "\n\n{{ nothing }}")];
    let (text, _) = render_in(World::default(), &files);
    let error = text.unwrap_err();
    assert_eq!((error.file.as_str(), error.line), ("y", Some(3)), "{error}");
}

#[test]
fn nothing_outside_the_bundle_is_read() {
    refused(
        "{% include '/etc/passwd' %}",
        "\"/etc/passwd\" is no file of the bundle",
    );
    refused(
        "{% include '../../x' %}",
        "\"../../x\" is no file of the bundle",
    );
    refused("{% import 'a/../../x' as x %}", "is no file of the bundle");
    refused("{% extends '../x' %}", "\"../x\" is no file of the bundle");
    refused(
        "{{ file('/proc/self/environ') }}",
        "is no file of the bundle",
    );
    refused("{% include 'missing' %}", "missing");
    refused("{{ file('missing') }}", "no file \"missing\"");
}

#[test]
fn filters() {
    for (template, expected) in [
        ("{{ 'a b' | b64encode }}", "YSBi"),
        ("{{ 'YSBi' | b64decode }}", "a b"),
        ("{{ \"it's $x\" | quote }}", "'it'\\''s $x'"),
        ("{{ (keys.LIST | fromjson)[1] }}", "2"),
        ("{{ keys.LIST | fromjson | join(':') }}", "1:2"),
        ("{{ {'a': 1} | tojson }}", "{\"a\": 1}"),
        ("{{ [3, 1] | sort | join(',') }}", "1,3"),
    ] {
        assert_eq!(render(template).unwrap(), expected, "{template}");
    }
    refused("{{ '!' | b64decode }}", "not the Base64");
    refused("{{ '{' | fromjson }}", "not JSON");
}
