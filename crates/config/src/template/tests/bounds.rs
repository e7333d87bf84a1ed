use super::{World, bundle, render, render_in};
use crate::template::{Templates, Why};
use std::{sync::Arc, thread};

/// What tokio gives its threads.
const STACK_LEN: usize = 2 << 20;

#[test]
fn a_loop_without_end_is_stopped() {
    for template in [
        "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}\
         {% endfor %}{% endfor %}{% endfor %}",
        "{% set x = namespace(t='x') %}{% for a in range(9999) %}{% set x.t = x.t ~ x.t %}{% endfor %}",
        "{{ 'x' * 99999999999 }}",
        "{{ range(100000) | list | length }}{% for a in range(99999) %}{{ range(99999) | list | sort \
         | length }}{% endfor %}",
    ] {
        let error = render(template).unwrap_err();
        assert!(
            matches!(error.why, Why::Steps | Why::Wrong(_)),
            "{template}: {error}"
        );
    }
    let endless =
        render("\n{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}");
    let error = endless.unwrap_err();
    assert_eq!((error.line, &error.why), (Some(2), &Why::Steps));
    assert!(error.to_string().contains("loop without end"), "{error}");
}

#[test]
fn the_steps_are_those_of_all_templates() {
    let busy = "{% for a in range(9999) %}{% for b in range(20) %}{% endfor %}{% endfor %}";
    let bundle = bundle(&[("a.j2", busy)], &[]);
    let mut templates = Templates::new(&bundle, Arc::new(World::default()));
    let path = "a.j2".parse().unwrap();
    let mut rounds = 0;
    let error = loop {
        match templates.render(&path, 1 << 20) {
            Ok(_) => rounds += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.why, Why::Steps);
    assert!((1..100).contains(&rounds), "{rounds}");
}

#[test]
fn what_calls_itself_is_stopped_before_the_stack_ends() {
    let endless = || {
        let nested = "[".repeat(9999);
        let nested = format!("{{{{ {nested} }}}}");
        let calls = "{% macro m(x) %}{{ m([x]) }}{% endmacro %}{{ m(1) }}";
        let mutual = [("x.j2", "{% include 'y' %}"), ("y", "{% include 'x.j2' %}")];
        let itself = [("x.j2", "{% include 'x' %}")];
        let imports = [("x.j2", "{% import 'x.j2' as x %}")];
        let extends = [("x.j2", "{% extends 'x.j2' %}")];
        let recursive = [(
            "x.j2",
            "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        )];
        for files in [
            &[("x.j2", nested.as_str())][..],
            &[("x.j2", calls)],
            &mutual,
            &itself,
            &imports,
            &extends,
            &recursive,
        ] {
            let (text, _) = render_in(World::default(), files);
            let error = text.unwrap_err().to_string();
            assert!(!error.is_empty(), "{files:?}");
        }
    };
    let thread = thread::Builder::new().stack_size(STACK_LEN);
    thread.spawn(endless).unwrap().join().unwrap();
}

#[test]
fn twenty_files_may_include_each_other() {
    let chain = |length: usize| {
        let name = |number: usize| format!("{number}.j2");
        let mut files: Vec<_> = (1..length)
            .map(|number| {
                (
                    name(number),
                    format!("{{% include '{}' %}}", name(number + 1)),
                )
            })
            .collect();
        files.push((name(length), "end".to_owned()));
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| (&name[..], &text[..]))
            .collect();
        render_in(World::default(), &files).0
    };
    assert_eq!(chain(20).as_deref(), Ok("end"));
    assert!(chain(21).is_err());
}

#[test]
fn the_length_has_a_bound() {
    let bundle = bundle(
        &[("a.j2", "{{ 'x' * 11 }}"), ("b.j2", "{{ 'x' * 10 }}")],
        &[],
    );
    let mut templates = Templates::new(&bundle, Arc::new(World::default()));
    let error = templates.render(&"a.j2".parse().unwrap(), 10).unwrap_err();
    assert_eq!(error.why, Why::TooLong { max: 10 });
    assert_eq!(
        templates.render(&"b.j2".parse().unwrap(), 10),
        Ok(vec![b'x'; 10])
    );
}
