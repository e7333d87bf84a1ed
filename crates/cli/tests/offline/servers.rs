use super::run;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// What a server does that is no ZooKeeper.
#[derive(Clone, Copy)]
enum Manner {
    /// It speaks another protocol.
    Http,
    /// It accepts and says nothing.
    Silent,
    /// It hangs up.
    HangsUp,
}

/// A server for as long as the test runs.
fn serve(manner: Manner) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut silent: Vec<TcpStream> = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            match manner {
                Manner::Http => {
                    let mut request = [0; 4];
                    drop(stream.read_exact(&mut request));
                    drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>no</html>"));
                }
                Manner::Silent => silent.push(stream),
                Manner::HangsUp => drop(stream),
            }
        }
    });
    address
}

/// An address where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn each_server_is_named_with_its_own_reason() {
    let (http, nobody) = (serve(Manner::Http), nobody());
    let (silent, hangs_up) = (serve(Manner::Silent), serve(Manner::HangsUp));
    for (address, why) in [
        (&nobody, "Connection refused"),
        (&http, "what answers there is not ZooKeeper"),
        (&silent, "no answer"),
        (&hangs_up, "hung up"),
    ] {
        let ended = run(&["ps", "--zk", address, "--timeout", "1s"]);
        assert_eq!(ended.code, Some(4), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        let begin = "error: no ZooKeeper server answered within 1s\n";
        assert!(ended.stderr.starts_with(begin), "{}", ended.stderr);
        let line = ended
            .stderr
            .lines()
            .find(|line| line.contains(address.as_str()));
        assert!(line.unwrap().contains(why), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("`dockeeper doctor`"),
            "{}",
            ended.stderr
        );
    }
    let both = format!("{nobody},{http}");
    let ended = run(&["nodes", "--watch", "--zk", &both, "--timeout", "1s"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains(&nobody), "{}", ended.stderr);
    assert!(ended.stderr.contains(&http), "{}", ended.stderr);
}

#[test]
fn doctor_tells_a_closed_port_from_another_protocol() {
    let (http, nobody) = (serve(Manner::Http), nobody());
    let both = format!("{nobody},{http}");
    let ended = run(&["doctor", "--no-docker", "--zk", &both, "--timeout", "2s"]);
    assert_eq!(ended.code, Some(4), "{}{}", ended.stdout, ended.stderr);
    let line = |address: &str, check: &str| {
        let mut lines = ended.stdout.lines();
        let line = lines.find(|line| line.contains(address) && line.contains(check));
        line.unwrap_or_default().to_owned()
    };
    assert!(
        line(&nobody, "connect").starts_with("fail"),
        "{}",
        ended.stdout
    );
    assert!(line(&http, "connect").starts_with("ok"), "{}", ended.stdout);
    let session = line(&http, "session");
    assert!(session.starts_with("fail"), "{}", ended.stdout);
    assert!(session.contains("not ZooKeeper"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("version"), "{}", ended.stdout);
    assert!(!ended.stdout.contains('\u{1b}'), "{}", ended.stdout);
}

#[test]
fn doctor_prints_json() {
    let arguments = ["doctor", "--no-docker", "--zk", &nobody(), "-o", "json"];
    let ended = run(&arguments);
    let findings: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(findings[0]["status"], "fail");
    assert_eq!(findings[0]["check"], "connect");
    assert!(findings[0]["advice"].is_string());
}
