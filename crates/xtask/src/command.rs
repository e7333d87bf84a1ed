//! Running other programs, and saying which.

use std::{
    env,
    ffi::{OsStr, OsString},
    iter,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::output;

/// Where the cargo is that runs this program.
pub(crate) fn cargo_program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// That cargo, with the first of its arguments.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new(cargo_program());
    command.arg(subcommand);
    command
}

/// Runs a command to its end, with its line on the standard error before.
///
/// # Errors
///
/// If it cannot be started, or fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = announce(command);
    let status = command.status();
    let status = status.with_context(|| format!("cannot run `{line}`"))?;
    ensure!(status.success(), "`{line}` failed ({status})");
    Ok(())
}

/// Whether a command can be started and succeeds, without a word.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Says what is about to run, and returns it.
pub(crate) fn announce(command: &Command) -> String {
    let line = line(command);
    output::note(&format!("$ {line}"));
    line
}

/// What a person would type, for whom cargo has no path.
fn line(command: &Command) -> String {
    let cargo = cargo_program();
    let name = |text: &OsStr| match text == cargo {
        true => "cargo".to_owned(),
        false => text.to_string_lossy().into_owned(),
    };
    let variables = command
        .get_envs()
        .filter_map(|(key, value)| Some(format!("{}={}", name(key), quoted(&name(value?)))));
    let words = iter::once(command.get_program()).chain(command.get_args());
    let words = words.map(|word| quoted(&name(word)));
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_=./:,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{word}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_typed() {
        let mut command = cargo("test");
        command.args(["--test", "real_*"]);
        command.env("FLAGS", "-D warnings");
        assert_eq!(
            line(&command),
            "FLAGS='-D warnings' cargo test --test 'real_*'"
        );
    }

    #[test]
    fn a_program_that_is_missing_does_not_succeed() {
        assert!(!succeeds(&mut Command::new("/nowhere/at-all")));
    }
}
