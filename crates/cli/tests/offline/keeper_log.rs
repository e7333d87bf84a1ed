//! What a keeper logs of clients that it turns away.

use crate::served::Served;
use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// A handshake that asks for a new session of ten seconds.
fn handshake() -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(44_i32.to_be_bytes());
    bytes.extend([0; 4 + 8]);
    bytes.extend(10_000_i32.to_be_bytes());
    bytes.extend([0; 8]);
    bytes.extend(16_i32.to_be_bytes());
    bytes.extend([0; 16]);
    bytes
}

/// Connects, says something and waits for the first byte of an answer, if there is one.
fn say(address: &str, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(bytes).unwrap();
    let _ = stream.read(&mut [0]);
    stream
}

fn peer(stream: &TcpStream) -> String {
    format!("peer={}", stream.local_addr().unwrap())
}

#[test]
fn who_is_no_client_is_named() {
    let served = Served::start(&[]);
    let address = served.address("listen");
    let http = say(&address, b"GET / HTTP/1.1\r\n\r\n");
    let line = served.line_with("without a handshake");
    assert!(line.contains(&peer(&http)), "{line}");
    let tls = say(&address, &[0x16, 3, 1, 2, 0, 1]);
    let line = served.line_with("it speaks TLS");
    assert!(line.contains(&peer(&tls)), "{line}");
}

#[test]
fn a_refused_session_is_named_with_its_limit() {
    let served = Served::start(&["--sessions-max", "1"]);
    let address = served.address("listen");
    let _first = say(&address, &handshake());
    let second = say(&address, &handshake());
    let line = served.line_with("a session is refused");
    assert!(line.contains("sessions are open as may be (1)"), "{line}");
    assert!(line.contains(&peer(&second)), "{line}");
}

#[test]
fn connections_over_the_limit_are_named_and_then_counted() {
    let limits = ["--tick", "1s", "--connections-per-address-max", "1"];
    let served = Served::start(&limits);
    let address = served.address("listen");
    let silent = TcpStream::connect(&address).unwrap();
    let _session = say(&address, &handshake());
    let line = served.line_with("a silent connection is closed");
    assert!(line.contains(&peer(&silent)), "{line}");
    let refused = say(&address, b"");
    let line = served.line_with("a connection is refused");
    assert!(line.contains(&peer(&refused)), "{line}");
    for _ in 0..5 {
        say(&address, b"");
    }
    let line = served.line_with("a connection is refused");
    assert!(line.contains("others_since_last=5"), "{line}");
}
