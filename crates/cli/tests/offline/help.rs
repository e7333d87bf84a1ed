use super::{dockeeper, run};
use std::{fs, io::Read, process::Stdio};

/// Every command, with its subcommands.
const COMMANDS: [&str; 20] = [
    "agent",
    "keeper",
    "dev",
    "ps",
    "nodes",
    "services",
    "discover",
    "inspect",
    "watch",
    "maintenance",
    "config",
    "lock",
    "semaphore",
    "elect",
    "barrier",
    "zk",
    "migrate",
    "doctor",
    "completions",
    "man",
];

#[test]
fn the_help_names_every_command_and_exit_code() {
    let help = run(&["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    for command in COMMANDS {
        assert!(
            help.stdout.contains(&format!("\n  {command} ")),
            "{command}"
        );
    }
    let end = "\
Exit codes:
  0  done; also when --watch is ended with Ctrl-C, and when the output's reader has gone
  1  another failure
  2  the command line, a variable of the environment or the configuration file is wrong
  3  nothing found: discover without an instance, an unknown name or znode, no data of Dockeeper's
  4  ZooKeeper could not be reached in time
  5  ZooKeeper refused: credentials or access control lists
  6  Docker could not be reached, or its address or its TLS files cannot be used
  7  done in part: some znodes may not be read, and are named, or rm -r failed half-way
  8  somebody else's release came in between: --expect-release, edit, and --wait
  9  --wait: the rollout has stopped, or containers have failed with the release
  10  --wait: the release was taken back
  124  not acquired, not open, or not rolled out, within --wait
  125  the lock was lost, or could have been, and so the command was ended
  126, 127  the command after -- cannot be run, or is not there
  129, 130, 131, 143  ended by SIGHUP, Ctrl-C, SIGQUIT or SIGTERM before it was done
What runs a command ends with the command's code, or 128 and the signal's number.
";
    assert!(help.stdout.ends_with(end), "{}", help.stdout);
}

#[test]
fn every_command_has_help() {
    for command in COMMANDS {
        let help = run(&[command, "--help"]);
        assert_eq!(help.code, Some(0), "{command}: {}", help.stderr);
        assert!(help.stdout.contains("Usage: dockeeper"), "{command}");
    }
}

#[test]
fn a_password_in_the_environment_is_not_shown() {
    for arguments in [&["--help"][..], &["ps", "--help"], &["ps"]] {
        let mut command = dockeeper(arguments);
        let output = command
            .env("DOCKEEPER_ZK_AUTH", "hunter2")
            .output()
            .unwrap();
        let shown = [output.stdout, output.stderr].concat();
        assert!(
            !String::from_utf8_lossy(&shown).contains("hunter2"),
            "{arguments:?}"
        );
    }
}

#[test]
fn each_shell_has_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]);
        assert_eq!(script.code, Some(0), "{}", script.stderr);
        for command in COMMANDS {
            assert!(script.stdout.contains(command), "{shell}: {command}");
        }
    }
    assert_eq!(run(&["completions", "tcsh"]).code, Some(2));
}

#[test]
fn manual_pages_are_printed_and_written() {
    let page = run(&["man"]);
    assert_eq!(page.code, Some(0), "{}", page.stderr);
    assert!(page.stdout.contains(".TH dockeeper 1"), "{}", page.stdout);
    assert!(page.stdout.contains("DOCKEEPER_ZK"), "{}", page.stdout);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("man1");
    let written = run(&["man", "--dir", folder.to_str().unwrap()]);
    assert_eq!((written.code, written.stdout.as_str()), (Some(0), ""));
    for page in [
        "dockeeper.1",
        "dockeeper-ps.1",
        "dockeeper-maintenance-on.1",
    ] {
        let text = fs::read_to_string(folder.join(page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
    let refused = run(&["man", "--dir", "/dev/null/x"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("cannot create /dev/null/x"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_reader_that_goes_early_is_no_failure() {
    for arguments in [&["completions", "zsh"][..], &["man"], &["--help"]] {
        let mut command = dockeeper(arguments);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let status = child.wait().unwrap();
        let mut stderr = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        assert_eq!(
            (status.code(), stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}
