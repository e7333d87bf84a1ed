//! What a connection says first: its encryption, and who it is.

use super::{
    inbound::Inbound,
    limits::{GREETING_LEN_MAX, GREETING_LIMIT},
    stream::Stream,
    tls::{Acceptor, TlsError},
};
use dockeeper_zk_proto::{
    DecodeError, Decoder, Record,
    connect::ConnectRequest,
    frame::{BadLength, HEADER_LEN},
};
use std::{future::poll_fn, io};
use tokio::{net::TcpStream, time::timeout};

/// The first byte of a TLS connection. A frame as short as a handshake begins with a zero, a
/// four-letter word with a letter.
const TLS_FIRST_BYTE: u8 = 0x16;

/// How connections at one listen address are secured.
#[derive(Clone, Debug)]
pub(super) enum Security {
    Plain,
    Tls(Acceptor),
    /// The client's first byte tells.
    Either(Acceptor),
}

/// What a connection has said.
pub(super) enum Greeting {
    /// It wants a session.
    Handshake(ConnectRequest),
    /// It asks a four-letter word.
    Word([u8; 4]),
}

/// A connection that has said what it wants.
pub(super) struct Greeted {
    pub(super) greeting: Greeting,
    pub(super) stream: Stream,
    /// What it has sent behind its greeting.
    pub(super) inbound: Inbound,
    /// The subject of the client's certificate.
    pub(super) x509: Option<String>,
}

/// Why a connection has not become one.
#[derive(Debug, thiserror::Error)]
pub(super) enum GreetingError {
    #[error("it hung up before it said who it is")]
    HungUp,
    #[error("it has not said who it is within {GREETING_LIMIT:?}")]
    Silent,
    #[error("it speaks TLS, and this address takes connections without TLS only")]
    NotPlain,
    #[error("{0}")]
    BadFrame(#[from] BadLength),
    #[error("{0}")]
    BadRequest(#[from] DecodeError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Waits for what a client says first. `is_word` knows the four-letter words.
pub(super) async fn greet(
    stream: TcpStream,
    security: &Security,
    is_word: impl Fn([u8; 4]) -> bool,
) -> Result<Greeted, GreetingError> {
    let greet = async {
        let (stream, x509) = secure(stream, security).await?;
        read(stream, x509, is_word).await
    };
    timeout(GREETING_LIMIT, greet)
        .await
        .unwrap_or(Err(GreetingError::Silent))
}

async fn secure(
    stream: TcpStream,
    security: &Security,
) -> Result<(Stream, Option<String>), GreetingError> {
    let acceptor = match security {
        Security::Plain => return Ok((Stream::Plain(stream), None)),
        Security::Tls(acceptor) => acceptor,
        Security::Either(acceptor) => {
            let mut first = [0];
            if stream.peek(&mut first).await? == 0 {
                return Err(GreetingError::HungUp);
            }
            if first != [TLS_FIRST_BYTE] {
                return Ok((Stream::Plain(stream), None));
            }
            acceptor
        }
    };
    match acceptor.accept(stream).await {
        Ok((stream, x509)) => Ok((Stream::Tls(Box::new(stream)), x509)),
        Err((TlsError::Handshake(error), _)) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(GreetingError::HungUp)
        }
        Err((error, stream)) => {
            // The client is told by an alert, which it has to get.
            stream.linger().await;
            Err(error.into())
        }
    }
}

async fn read(
    mut stream: Stream,
    x509: Option<String>,
    is_word: impl Fn([u8; 4]) -> bool,
) -> Result<Greeted, GreetingError> {
    let mut inbound = Inbound::default();
    let greeting = loop {
        if let Some(word) = inbound.head().filter(|head| is_word(*head)) {
            break Greeting::Word(word);
        }
        let taken = inbound.take(1, usize::MAX, GREETING_LEN_MAX);
        if taken.is_err() && is_tls(inbound.head()) {
            return Err(GreetingError::NotPlain);
        }
        if let Some(mut frames) = taken? {
            let frame = frames.next().unwrap_or_default();
            let request = ConnectRequest::decode(&mut Decoder::new(frame))?;
            break Greeting::Handshake(request);
        }
        if poll_fn(|context| inbound.poll_fill(context, &mut stream)).await? == 0 {
            return Err(GreetingError::HungUp);
        }
    };
    Ok(Greeted {
        greeting,
        stream,
        inbound,
        x509,
    })
}

fn is_tls(head: Option<[u8; HEADER_LEN]>) -> bool {
    head.is_some_and(|head| head[0] == TLS_FIRST_BYTE)
}
