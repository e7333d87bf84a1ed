//! Servers for the tests.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A server on the loopback, until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves one connection after the other.
    pub(crate) async fn start<F>(mut serve: impl FnMut(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("the loopback is there");
        let address = listener.local_addr().expect("a listener has an address");
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream).await;
            }
        });
        Self { address, task }
    }

    /// Answers each request with these bytes and closes the connection.
    pub(crate) async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |stream| {
            let answer = answer.clone();
            async move { drop(answer_once(stream, answer).await) }
        })
        .await
    }

    /// Begins each answer with `start` and goes on with `more` for as long as the client reads.
    pub(crate) async fn endless(start: &'static [u8], more: &'static [u8]) -> Self {
        Self::start(move |mut stream| async move {
            read_head(&mut stream).await;
            let mut sent = stream.write_all(start).await;
            while sent.is_ok() {
                sent = stream.write_all(more).await;
            }
        })
        .await
    }

    /// Accepts connections, says nothing, and tells when the client has closed one.
    pub(crate) async fn silent() -> (Self, mpsc::UnboundedReceiver<()>) {
        let (closed, receiver) = mpsc::unbounded_channel();
        let server = Self::start(move |mut stream| {
            let closed = closed.clone();
            async move {
                let mut sink = [0; 1024];
                while matches!(stream.read(&mut sink).await, Ok(1..)) {}
                // Most tests do not care.
                let _ = closed.send(());
            }
        })
        .await;
        (server, receiver)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers one request in a raw way. What the client does meanwhile is none of the server's
/// business, hence no result is looked at.
pub(crate) async fn answer_once(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: Vec<u8>,
) -> String {
    let head = read_head(&mut stream).await;
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
    head
}

/// Reads until the empty line that ends the head of a request.
pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).expect("the head of a request is ASCII")
}

/// An address that refuses connections for as long as the socket lives: it is bound, hence nobody
/// else can get the port, and does not listen.
pub(crate) fn refusing() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind(([127, 0, 0, 1], 0).into())
        .expect("the loopback is there");
    let address = socket.local_addr().expect("a bound socket has an address");
    (socket, address)
}
