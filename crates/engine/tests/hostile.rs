//! What listens behind an engine's address is not always an engine. Whatever it does, a call fails
//! in time and says why.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use dockeeper_engine::{ContainerId, Docker, Engine, Error, Scope, Since, docker};
use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// How long a call waits for a server that says nothing.
const REQUEST_TIMEOUT: Duration = Duration::from_millis(500);

/// No call takes as long as this: one that does hangs.
const HANGS: Duration = Duration::from_secs(30);

/// A server on a socket of its own, which does the same to every connection.
struct Server {
    _folder: TempDir,
    docker: Docker,
}

impl Server {
    fn start<F>(serve: impl Fn(UnixStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = std::io::Result<()>> + Send + 'static,
    {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("docker.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream));
            }
        });
        Self {
            _folder: folder,
            docker: connect(&format!("unix://{}", socket.display())),
        }
    }

    /// Answers every request with these bytes.
    fn answering(answer: &'static str) -> Self {
        Self::start(async move |mut stream| {
            request(&mut stream).await?;
            stream.write_all(answer.as_bytes()).await
        })
    }
}

fn connect(host: &str) -> Docker {
    let host = Some(host.to_owned());
    let config = docker::Config {
        host,
        request_timeout: REQUEST_TIMEOUT,
        ..Default::default()
    };
    Docker::new(&config).unwrap()
}

/// Reads a request's head.
async fn request(stream: &mut UnixStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(())
}

/// The errors of all calls, each in time.
async fn errors(docker: &Docker) -> Vec<Error> {
    let id = ContainerId::from_bytes([1; 32]);
    let all = async {
        vec![
            docker.version().await.unwrap_err(),
            docker.info().await.unwrap_err(),
            docker.list(Scope::All).await.unwrap_err(),
            docker.inspect(&id).await.unwrap_err(),
            docker
                .exec(&id, &["true".to_owned()], &[], HANGS)
                .await
                .unwrap_err(),
            docker.events(Since::NOW).await.map(drop).unwrap_err(),
            docker.events(Since::Time(0)).await.map(drop).unwrap_err(),
        ]
    };
    tokio::time::timeout(HANGS, all)
        .await
        .expect("a call hangs")
}

#[tokio::test]
async fn nothing_at_all() {
    for error in errors(&connect("unix:///nowhere/docker.sock")).await {
        let text = error.to_string();
        assert!(text.contains("unix:///nowhere/docker.sock"), "{text}");
        assert!(
            text.contains("No such file") && text.contains("is dockerd running?"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_socket_that_nobody_listens_on() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    drop(UnixListener::bind(&socket).unwrap());
    for error in errors(&connect(&format!("unix://{}", socket.display()))).await {
        assert!(error.to_string().contains("listening there?"), "{error}");
    }
}

#[tokio::test]
async fn another_protocol() {
    let server = Server::start(async |mut stream: UnixStream| {
        stream
            .write_all(b"SSH-2.0-OpenSSH_9.2\r\n\xff\xfe\x00")
            .await?;
        request(&mut stream).await
    });
    for error in errors(&server.docker).await {
        assert!(matches!(error, Error::Malformed { .. }), "{error}");
        assert!(
            error.to_string().contains("something else listening"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn another_web_server() {
    let server = Server::answering(
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 22\r\nConnection: close\r\n\r\n\
         <html>Go away.</html>\n",
    );
    for error in errors(&server.docker).await {
        assert!(
            matches!(error, Error::Refused { status: 403, .. }),
            "{error}"
        );
        assert!(
            error.to_string().contains("<html>Go away.</html>"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn another_json() {
    let answer =
        "HTTP/1.1 200 OK\r\nContent-Length: 16\r\nConnection: close\r\n\r\n{\"name\": \"etcd\"}";
    let server = Server::answering(answer);
    let error = server.docker.version().await.unwrap_err();
    assert!(error.to_string().contains("no ApiVersion"), "{error}");
    let error = server.docker.list(Scope::All).await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
}

#[tokio::test]
async fn silence() {
    let server = Server::start(async |mut stream: UnixStream| {
        request(&mut stream).await?;
        std::future::pending().await
    });
    for error in errors(&server.docker).await {
        assert!(error.to_string().contains("within 500ms"), "{error}");
    }
}

#[tokio::test]
async fn a_closed_door() {
    let server = Server::start(async |mut stream: UnixStream| request(&mut stream).await);
    for error in errors(&server.docker).await {
        assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    }
}

#[tokio::test]
async fn an_answer_without_end() {
    let server = Server::start(async |mut stream: UnixStream| {
        request(&mut stream).await?;
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n[";
        stream.write_all(head).await?;
        loop {
            stream.write_all(&[b' '; 1 << 16]).await?;
        }
    });
    let list = tokio::time::timeout(HANGS, server.docker.list(Scope::All)).await;
    assert!(list.expect("the call hangs").is_err());
}

#[tokio::test]
async fn an_event_stream_that_turns_to_garbage() {
    let server = Server::answering(concat!(
        "HTTP/1.1 200 OK\r\n\r\n",
        r#"{"Type":"container","Action":"start","Actor":{"ID":""#,
        "0d6eebab517be212356d67f5491b7d90f4bce8ff5608cf6c7b1e7ff9a572facb",
        "\"}}\n{\"Type\" ]\n",
    ));
    let mut events = server.docker.events(Since::Time(0)).await.unwrap();
    assert_eq!(
        events.next().await.unwrap().unwrap().id.short(),
        "0d6eebab517b"
    );
    let error = events.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
    assert!(events.next().await.is_none());
}
