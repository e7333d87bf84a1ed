//! Which variables of the environment count.

use super::Cli;
use crate::output::text;
use clap::{
    ArgMatches, Command, CommandFactory, FromArgMatches,
    error::{ContextKind, ContextValue, ErrorKind},
    parser::ValueSource,
};
use std::ffi::{OsStr, OsString};

// === impl Cli ===

impl Cli {
    /// Reads the command line and the environment. Where they make no sense, or where help is asked
    /// for, the process ends.
    pub(crate) fn read() -> Self {
        let arguments: Vec<_> = std::env::args_os().collect();
        Self::of(&arguments).unwrap_or_else(|error| printable(error).exit())
    }

    /// An empty variable counts as none: it is what Compose's `${NAME}` gives for one that is not
    /// set. One that an option on the command line beats is not looked at: clap would check it
    /// wherever the option stands behind a subcommand.
    fn of(arguments: &[OsString]) -> Result<Self, clap::Error> {
        // Without the environment something may be missing that a variable gives.
        let given = without(Self::command(), &|_, _| true).ignore_errors(true);
        let given = match given.try_get_matches_from(arguments) {
            // Without the variables taken away, which the help names.
            Err(error) if error.kind() == ErrorKind::DisplayHelp => Err(Self::command()
                .try_get_matches_from(arguments)
                .err()
                .unwrap_or(error)),
            given => given,
        }?;
        let beaten = |id: &str, value: &OsStr| value.is_empty() || is_given(&given, id);
        let mut matches = without(Self::command(), &beaten).try_get_matches_from(arguments)?;
        Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut Self::command()))
    }
}

/// The error without what would steer the terminal in what it quotes of the command line.
fn printable(mut error: clap::Error) -> clap::Error {
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidArg] {
        if let Some(ContextValue::String(quoted)) = error.get(kind) {
            let quoted = text::clean(quoted);
            error.insert(kind, ContextValue::String(quoted));
        }
    }
    error
}

/// The command line without those variables of the environment that are set and `unwanted`.
fn without(command: Command, unwanted: &dyn Fn(&str, &OsStr) -> bool) -> Command {
    let command = command.mut_args(|arg| {
        let value = arg.get_env().and_then(std::env::var_os);
        match value {
            Some(value) if unwanted(arg.get_id().as_str(), &value) => arg.env(None::<&'static str>),
            _ => arg,
        }
    });
    command.mut_subcommands(|command| without(command, unwanted))
}

/// Whether an option is on the command line, of the command itself or of one below it.
fn is_given(matches: &ArgMatches, id: &str) -> bool {
    let here = matches.ids().any(|known| known.as_str() == id);
    if here && matches.value_source(id) == Some(ValueSource::CommandLine) {
        return true;
    }
    let below = matches.subcommand();
    below.is_some_and(|(_, matches)| is_given(matches, id))
}
