use super::{dockeeper, program::Ended, run, served::Served};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::{self, Permissions},
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
};

/// Ends a keeper with a signal, which it takes as the wish to stop.
fn end(served: &mut Served, signal: Signal) {
    kill_process(Pid::from_child(&served.child), signal).unwrap();
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}

/// Starts a keeper that refuses its directory; what it says.
fn refused(directory: &Path) -> String {
    let mut keeper = dockeeper(&["keeper", "--listen", "127.0.0.1:0", "--data-dir"]);
    let ended: Ended = keeper.arg(directory).output().unwrap().into();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    ended.stderr
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
        let mut served = Served::start_in(folder.path(), &[]);
        let address = served.address("listen");
        assert_eq!(ask(&address, "ruok"), "imok");
        assert!(ask(&address, "wchc").contains("not in the whitelist"));
        end(&mut served, signal);
        served.line_with("ended: everything that was");
    }
}

#[test]
fn a_directory_with_a_lost_log_or_an_open_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    end(&mut Served::start_in(folder.path(), &[]), Signal::TERM);
    let key = folder.path().join("key");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    let advice = format!("chmod 600 {}", key.display());
    let error = refused(folder.path());
    assert!(error.contains(&advice), "{error}");

    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    fs::remove_file(folder.path().join("log.0000000000000001")).unwrap();
    let error = refused(folder.path());
    assert!(error.contains("there is no log file beside"), "{error}");
    assert!(error.contains("empty the directory"), "{error}");
}

#[test]
fn a_directory_that_others_can_write_to_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    // It ends when it has looked at the directory.
    fs::create_dir(folder.path().join("key")).unwrap();
    for (mode, is_told) in [(0o777, true), (0o770, true), (0o755, false)] {
        fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
        let mut keeper = dockeeper(&["keeper", "--listen", "127.0.0.1:0", "--data-dir"]);
        let ended: Ended = keeper.arg(folder.path()).output().unwrap().into();
        let advice = format!("chmod go-w {}", folder.path().display());
        assert_eq!(ended.stderr.contains(&advice), is_told, "{}", ended.stderr);
    }
}

#[test]
fn a_removed_lock_file_lets_no_second_server_in() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Served::start_in(folder.path(), &[]);
    fs::remove_file(folder.path().join("lock")).unwrap();
    let error = refused(folder.path());
    assert!(error.contains("in use by another"), "{error}");
}

#[test]
fn a_directory_in_use_is_named_with_who_uses_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = Served::start_in(folder.path(), &[]);
    let error = refused(folder.path());
    let who = format!("process {}", first.child.id());
    assert!(error.contains(&who), "{error}");
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
