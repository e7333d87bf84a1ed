//! The examples of the documentation, run.

use super::render;

const PAGE: &str = include_str!("../../../../../docs/templates.md");

/// The blocks of code that are examples, with their kinds.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let blocks = PAGE.split("\n```").skip(1).step_by(2);
    blocks.filter_map(|block| block.split_once('\n')).collect()
}

#[test]
fn the_examples_give_what_the_documentation_says() {
    let blocks = blocks();
    let mut count = 0;
    for pair in blocks.windows(2) {
        let [("jinja", template), (kind, expected)] = pair else {
            continue;
        };
        count += 1;
        let found = match (render(template), *kind) {
            (Ok(text), "text") => text,
            (Err(error), "error") => error.to_string(),
            other => panic!("{template}\n{other:?}"),
        };
        assert_eq!(found.trim_end(), *expected, "{template}");
    }
    let templates = blocks.iter().filter(|(kind, _)| *kind == "jinja");
    assert_eq!(count, templates.count());
    assert!(count > 0);
}
