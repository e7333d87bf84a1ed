//! What a command prints.

pub(crate) mod age;
pub(crate) mod duration;
pub(crate) mod json;
pub(crate) mod size;
pub(crate) mod table;
pub(crate) mod text;

use anyhow::Context;
use clap::{Args, ValueEnum};
use std::io::{self, IsTerminal, Write};

/// How a listing is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people
    Table,
    /// The table with more columns
    Wide,
    /// A JSON array of objects with every field; times in milliseconds since 1970
    Json,
    /// One name a line, as other commands take it
    Name,
}

/// How what comes line by line is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lines {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

/// The options of every listing.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Format,

    /// Print again whenever something changes, until Ctrl-C
    #[arg(short, long)]
    pub(crate) watch: bool,
}

/// How the standard output takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    pub(crate) is_terminal: bool,
    pub(crate) has_colour: bool,
}

// === impl Screen ===

impl Screen {
    /// The standard output as it is.
    pub(crate) fn of_stdout() -> Self {
        let is_terminal = io::stdout().is_terminal();
        Self::new(is_terminal, |name| std::env::var(name).ok())
    }

    /// Colour is for terminals that can show it, unless <https://no-color.org> says otherwise.
    fn new(is_terminal: bool, var: impl Fn(&str) -> Option<String>) -> Self {
        let is_unwanted = var("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = var("TERM").is_none_or(|term| term == "dumb");
        Self {
            is_terminal,
            has_colour: is_terminal && !is_unwanted && !is_dumb,
        }
    }
}

/// Writes data to the standard output.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    print_bytes(text.as_bytes())
}

/// Writes data that need not be text to the standard output.
pub(crate) fn print_bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(bytes);
    written
        .and_then(|()| stdout.flush())
        .context("cannot write to the standard output")
}

/// Tells a person something on the standard error.
pub(crate) fn note(text: &str) {
    // Nobody is left to be told of it.
    drop(writeln!(io::stderr(), "{text}"));
}

/// Warns a person on the standard error.
pub(crate) fn warn(text: &str) {
    note(&format!("warning: {text}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_only_for_terminals_that_want_it() {
        let has_colour = |is_terminal, vars: &[(&str, &str)]| {
            let find = |name: &str| vars.iter().find(|(key, _)| *key == name);
            let var = |name: &str| find(name).map(|(_, value)| (*value).to_owned());
            Screen::new(is_terminal, var).has_colour
        };
        let xterm = ("TERM", "xterm");
        assert!(has_colour(true, &[xterm]));
        assert!(has_colour(true, &[xterm, ("NO_COLOR", "")]));
        assert!(!has_colour(true, &[xterm, ("NO_COLOR", "1")]));
        assert!(!has_colour(true, &[("TERM", "dumb")]));
        assert!(!has_colour(true, &[]));
        assert!(!has_colour(false, &[xterm]));
    }
}
