//! A container that can be talked to.

use dockeeper_testbed::{Host, IMAGE, Result, wait::until};
use tokio::{io::AsyncReadExt, net::TcpStream};

use crate::LIMIT;

/// Runs a container that says hello to whoever connects to port 8080.
pub(crate) async fn serve(host: &Host, name: &str) -> Result<()> {
    let run = [
        "run",
        "--detach",
        "--init",
        "--name",
        name,
        "--publish",
        "8080:8080",
        IMAGE,
    ];
    let server = ["nc", "-ll", "-p", "8080", "-e", "echo", "hello"];
    host.docker(&[&run[..], &server[..]].concat())
        .await
        .map(drop)
}

pub(crate) async fn greeting(address: &str) -> String {
    let what = format!("a greeting from {address}");
    until(what, LIMIT, async || {
        let mut stream = TcpStream::connect(address)
            .await
            .map_err(|e| e.to_string())?;
        let mut text = String::new();
        stream
            .read_to_string(&mut text)
            .await
            .map_err(|e| e.to_string())?;
        if text.is_empty() {
            Err("an empty answer".into())
        } else {
            Ok(text.trim().to_owned())
        }
    })
    .await
    .unwrap()
}
