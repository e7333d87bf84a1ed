//! The tests with nothing but cargo, for a machine without nextest.

use std::{
    io::{BufRead, BufReader, IsTerminal, Write, stdin, stdout},
    mem,
    process::{ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use super::{Arguments, LIMIT, tally::Tally};
use crate::{
    command::{announce, cargo_program},
    output,
};

/// How many real tests run at once, as in the group of `.config/nextest.toml`.
const REAL_AT_ONCE: &str = "2";

/// The last lines of a program that has ended come at once.
const SILENCE: Duration = Duration::from_secs(1);

/// More than this many lines wait for a slow terminal in the pipe.
const LINES_WAITING_MAX: usize = 1024;

/// What `timeout` exits with when the time is up.
const TIMED_OUT: i32 = 124;

/// Runs tests, and says at the end how many.
pub(super) fn run(mut parts: Vec<Command>) -> Result<()> {
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    for command in &mut parts {
        failures.extend(run_part(command, &mut tally).err());
    }
    for failure in &failures {
        output::note(&format!("error: {failure:#}"));
    }
    // A reader that has seen enough does not change what the tests have found.
    let _ = output::print(&format!("{tally}\n"));
    ensure!(failures.is_empty(), "not all tests passed");
    ensure!(tally.ran_any(), "no test has such a name");
    Ok(())
}

/// Real tests start several daemons each.
pub(super) fn as_real(mut part: Command) -> Command {
    part.env("RUST_TEST_THREADS", REAL_AT_ONCE);
    part
}

/// The tests of some targets.
pub(super) fn part(kinds: &[&str], tests: &[&str], arguments: &Arguments) -> Command {
    let mut command = limited();
    command.args(["test", "--workspace", "--no-fail-fast"]);
    command.args(kinds);
    command.args(tests.iter().flat_map(|name| ["--test", name]));
    command.args(arguments.rest());
    command
}

/// Cargo, ended with all its children when the time is up. Not so before a terminal: `timeout`
/// would keep the interrupt key from them, and there is a person to press it.
fn limited() -> Command {
    if stdin().is_terminal() {
        return Command::new(cargo_program());
    }
    let mut command = Command::new("timeout");
    let seconds = LIMIT.as_secs().to_string();
    command
        .args(["--kill-after=30", &seconds])
        .arg(cargo_program());
    command
}

/// Passes the output on, and counts.
fn run_part(command: &mut Command, tally: &mut Tally) -> Result<()> {
    let line = announce(command);
    let child = command.stdout(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("cannot run `{line}`"))?;
    let lines = lines_of(child.stdout.take().expect("it was asked for above"));
    // Not until the output ends: a daemon that a killed test left behind may hold on to it.
    loop {
        match lines.recv_timeout(SILENCE) {
            Ok(line) => {
                // A reader that has seen enough is no reason to stop testing.
                let _ = stdout().write_all(&line);
                tally.add(&String::from_utf8_lossy(&line));
            }
            Err(RecvTimeoutError::Timeout) if child.try_wait()?.is_none() => {}
            Err(_) => break,
        }
    }
    let status = child.wait()?;
    let minutes = LIMIT.as_secs() / 60;
    ensure!(
        status.code() != Some(TIMED_OUT),
        "`{line}` was ended after {minutes} minutes; see above for the test that hangs"
    );
    ensure!(status.success(), "`{line}` failed ({status})");
    Ok(())
}

fn lines_of(output: ChildStdout) -> Receiver<Vec<u8>> {
    let (sender, receiver) = sync_channel(LINES_WAITING_MAX);
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        // Who no longer listens has the whole of the output, or has failed.
        while output
            .read_until(b'\n', &mut line)
            .is_ok_and(|count| count > 0)
            && sender.send(mem::take(&mut line)).is_ok()
        {}
    });
    receiver
}
