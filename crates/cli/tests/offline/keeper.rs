use super::{dockeeper, program::Ended, run};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Stdio},
};

/// Starts a keeper on any free port, and waits until it is ready; gives its address too.
pub(crate) fn start(directory: &Path) -> (Child, String) {
    let mut command = dockeeper(&["keeper", "--listen", "127.0.0.1:0", "--data-dir"]);
    let command = command.arg(directory).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let log = BufReader::new(child.stderr.as_mut().unwrap());
    let ready = log
        .lines()
        .map(Result::unwrap)
        .find(|line| line.contains(" ready "));
    let ready = ready.expect("the log says that it is ready");
    let (_, rest) = ready.split_once("listen=").unwrap();
    let address = rest.split(' ').next().unwrap().to_owned();
    (child, address)
}

fn ask(address: &str, word: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(word.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn serves_until_a_signal_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    for signal in [Signal::TERM, Signal::INT] {
        let (mut child, address) = start(folder.path());
        assert_eq!(ask(&address, "ruok"), "imok");
        assert!(ask(&address, "wchc").contains("not in the whitelist"));
        kill_process(Pid::from_child(&child), signal).unwrap();
        let mut rest = String::new();
        let mut log = child.stderr.take().unwrap();
        log.read_to_string(&mut rest).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0));
        assert!(rest.contains("ended: everything that was"), "{rest}");
    }
}

#[test]
fn a_directory_with_a_lost_log_or_an_open_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, _) = start(folder.path());
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    child.wait().unwrap();
    let refused = || {
        let mut again = dockeeper(&["keeper", "--listen", "127.0.0.1:0", "--data-dir"]);
        let again: Ended = again.arg(folder.path()).output().unwrap().into();
        assert_eq!(again.code, Some(1), "{}", again.stderr);
        again.stderr
    };
    let key = folder.path().join("key");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    let advice = format!("chmod 600 {}", key.display());
    let error = refused();
    assert!(error.contains(&advice), "{error}");

    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    fs::remove_file(folder.path().join("log.0000000000000001")).unwrap();
    let error = refused();
    assert!(error.contains("there is no log file beside"), "{error}");
    assert!(error.contains("empty the directory"), "{error}");
}

#[test]
fn a_directory_that_others_can_write_to_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    for (mode, is_told) in [(0o777, true), (0o770, true), (0o755, false)] {
        fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
        // The address is no machine's of its own: it ends when it has read the directory.
        let mut keeper = dockeeper(&["keeper", "--listen", "192.0.2.1:1", "--data-dir"]);
        let ended: Ended = keeper.arg(folder.path()).output().unwrap().into();
        let advice = format!("chmod go-w {}", folder.path().display());
        assert_eq!(ended.stderr.contains(&advice), is_told, "{}", ended.stderr);
    }
}

#[test]
fn a_removed_lock_file_lets_no_second_server_in() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, _) = start(folder.path());
    fs::remove_file(folder.path().join("lock")).unwrap();
    let mut second = dockeeper(&["keeper", "--listen", "127.0.0.1:0", "--data-dir"]);
    let second: Ended = second.arg(folder.path()).output().unwrap().into();
    assert_eq!(second.code, Some(1), "{}", second.stderr);
    assert!(
        second.stderr.contains("in use by another"),
        "{}",
        second.stderr
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_directory_in_use_is_named_with_who_uses_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, _) = start(folder.path());
    let mut second = dockeeper(&["keeper", "--listen", "127.0.0.1:0", "--data-dir"]);
    let second: Ended = second.arg(folder.path()).output().unwrap().into();
    assert_eq!(second.code, Some(1), "{}", second.stderr);
    let who = format!("process {}", child.id());
    assert!(second.stderr.contains(&who), "{}", second.stderr);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_wrong_command_line_is_said_to_be_one() {
    for arguments in [
        &["keeper"][..],
        &["keeper", "--data-dir", "/d", "--listen", "here"],
        &["keeper", "--data-dir", "/d", "--words", "xxxx"],
        &["keeper", "--data-dir", "/d", "--tick", "1ms"],
        &["keeper", "--data-dir", "/d", "--frame-len-max", "99999999"],
        &["keeper", "--data-dir", "/d", "--frame-len-max", "0"],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn a_variable_gives_what_an_option_has_to() {
    let folder = tempfile::tempdir().unwrap();
    let run_in = |environment: &[(&str, &str)], arguments: &[&str]| -> Ended {
        let mut command = dockeeper(&["keeper"]);
        let command = command.env("DOCKEEPER_KEEPER_DATA_DIR", folder.path());
        let empty = ["LISTEN_TLS", "TLS_CERT", "TICK", "ENFORCE_QUOTAS", "WORDS"];
        for name in empty {
            command.env(format!("DOCKEEPER_KEEPER_{name}"), "");
        }
        command.envs(environment.iter().copied()).args(arguments);
        command.output().unwrap().into()
    };
    // The address is no machine's of its own: all else was understood.
    let tls = [
        ("DOCKEEPER_KEEPER_TLS_CERT", "/none.pem"),
        ("DOCKEEPER_KEEPER_TLS_KEY", "/none.pem"),
    ];
    for (environment, arguments) in [
        (&[][..], &["--listen", "192.0.2.1:1"][..]),
        (&[("DOCKEEPER_KEEPER_LISTEN", "192.0.2.1:1")], &[]),
        (&tls, &["--listen-tls", "127.0.0.1:0"]),
    ] {
        let ended = run_in(environment, arguments);
        assert_eq!(ended.code, Some(1), "{arguments:?}: {}", ended.stderr);
    }
    // An option beats the variable that makes no sense; an empty one is as good as none.
    let senseless = [("DOCKEEPER_KEEPER_LISTEN", "here")];
    let ended = run_in(&senseless, &["--listen", "192.0.2.1:1"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let none = [("DOCKEEPER_KEEPER_DATA_DIR", "")];
    let ended = run_in(&none, &["--listen", "192.0.2.1:1"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("--data-dir"), "{}", ended.stderr);
}

#[test]
fn the_help_says_where_it_listens_and_how_it_ends() {
    let help = run(&["keeper", "--help"]).stdout;
    for part in [
        "127.0.0.1:2181",
        "DOCKEEPER_KEEPER_DATA_DIR",
        "SIGTERM",
        "Exits with 0",
        "[default: 2s]",
    ] {
        assert!(help.contains(part), "{part}: {help}");
    }
}
