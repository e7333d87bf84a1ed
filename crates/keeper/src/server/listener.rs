//! Takes connections in, and carries each to its end.

use super::{
    admission::{Admission, Place},
    chunks::Chunks,
    clock::Clock,
    connection::{Connection, Ended, Limits},
    greeting::{Greeted, Greeting, GreetingError, Security, greet},
    inbound::Inbound,
    limits::{
        ACCEPT_PAUSE, CLOSE_LIMIT, LONG_ANSWER_LEN, LONG_ANSWERS_MAX, TURNED_AWAY_LOGGED_EVERY,
    },
    message::{Message, Opening},
    outbox::{Answered, Outbox},
    stop::Stop,
    stream::Stream,
    tally::{Kind, Tally},
    throttle::Throttle,
    unsent::Total,
};
use crate::{ConnId, machine::Peer};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc, oneshot},
    task::JoinSet,
    time::{sleep, timeout},
};

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) admission: Arc<Admission>,
    pub(super) core: mpsc::Sender<Message>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limits: Limits,
    /// Knows the four-letter words.
    pub(super) is_word: fn([u8; 4]) -> bool,
    pub(super) next: AtomicU64,
    pub(super) unsent_total: Total,
    /// One for each long answer to a four-letter word.
    pub(super) long_answers: Semaphore,
    pub(super) tally: Arc<Tally>,
}

/// One listen address.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) socket: TcpListener,
    pub(super) security: Arc<Security>,
    pub(super) shared: Arc<Shared>,
}

// === impl Listener ===

impl Listener {
    /// Takes connections in until `stop` changes, and waits for them to end.
    pub(super) async fn run(self, mut stop: Stop) {
        let mut tasks = JoinSet::new();
        let mut failures = Throttle::new(TURNED_AWAY_LOGGED_EVERY);
        loop {
            tokio::select! {
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, peer)) => self.take_in(stream, peer, &mut tasks),
                    Err(error) => {
                        // Mostly a lack of descriptors: the end of another connection helps.
                        if let Some(others) = failures.ask() {
                            tracing::warn!(
                                %error,
                                others_since_last = others,
                                "cannot accept a connection"
                            );
                        }
                        sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(_) = tasks.join_next() => {}
                () = stop.told() => break,
            }
        }
        let Self { socket, shared, .. } = self;
        drop((socket, shared));
        let all = async { while tasks.join_next().await.is_some() {} };
        if timeout(CLOSE_LIMIT, all).await.is_err() {
            tracing::debug!(left = tasks.len(), "connections that did not end are cut");
        }
    }

    fn take_in(&self, stream: TcpStream, peer: SocketAddr, tasks: &mut JoinSet<()>) {
        let place = match self.shared.admission.admit(peer.ip()) {
            Ok(place) => place,
            Err(refused) => {
                self.shared.tally.refuse();
                return self.shared.tally.tell(Kind::Connection, peer, &refused);
            }
        };
        // Replies are small and somebody waits for them: never hold one back for more to come.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "the connection ended at once");
            return;
        }
        let (shared, security) = (Arc::clone(&self.shared), Arc::clone(&self.security));
        tasks.spawn(async move { shared.serve(stream, peer, place, &security).await });
    }
}

// === impl Shared ===

impl Shared {
    /// Carries a connection from its first byte to its last.
    async fn serve(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        mut place: Place,
        security: &Security,
    ) {
        // Boxed, as it is large and soon over.
        let greeted = tokio::select! {
            greeted = Box::pin(greet(stream, security, self.is_word)) => greeted,
            () = place.given_way() => {
                let why = "it gives way to a new one, as there are as many as may be";
                return self.tally.tell(Kind::Silent, peer, &why);
            }
        };
        let greeted = match greeted {
            Ok(greeted) if place.settle() => greeted,
            Ok(_) => return,
            Err(error) => return self.tell(peer, &error),
        };
        let Greeted {
            greeting,
            stream,
            inbound,
            x509,
        } = greeted;
        match greeting {
            Greeting::Word(word) => self.answer(word, peer, stream).await,
            Greeting::Handshake(request) => {
                let conn = ConnId(self.next.fetch_add(1, Ordering::Relaxed));
                let outbox = Arc::new(Outbox::new(&self.unsent_total));
                let opening = Opening {
                    conn,
                    peer: Peer {
                        ip: peer.ip(),
                        x509,
                    },
                    port: peer.port(),
                    request,
                    outbox: Arc::clone(&outbox),
                };
                if self
                    .core
                    .send(Message::Open(Box::new(opening)))
                    .await
                    .is_ok()
                {
                    self.carry(conn, peer, stream, inbound, outbox).await;
                }
            }
        }
    }

    /// Says why a connection has not become one.
    fn tell(&self, peer: SocketAddr, error: &GreetingError) {
        let kind = match error {
            GreetingError::Silent => Kind::Silent,
            GreetingError::Tls(_) | GreetingError::NotPlain => Kind::Tls,
            GreetingError::BadFrame(_) | GreetingError::BadRequest(_) => Kind::Handshake,
            // Whoever only looks whether somebody listens does that all the time.
            GreetingError::HungUp | GreetingError::Io(_) => {
                return tracing::debug!(%peer, "a connection did not begin: {error}");
            }
        };
        self.tally.tell(kind, peer, error);
    }

    /// Carries requests and replies until the end.
    async fn carry(
        &self,
        conn: ConnId,
        peer: SocketAddr,
        stream: Stream,
        inbound: Inbound,
        outbox: Arc<Outbox>,
    ) {
        let mut connection = Connection {
            conn,
            stream,
            inbound,
            outbox,
            core: self.core.clone(),
            clock: Arc::clone(&self.clock),
            limits: self.limits,
            writing: Chunks::default(),
            handed: Answered::default(),
            is_unflushed: false,
        };
        let ended = match connection.run().await {
            Ended::ByServer => connection.finish().await,
            ended => ended,
        };
        match &ended {
            Ended::ByClient | Ended::ByServer | Ended::NoCore => {
                tracing::debug!(%peer, "a connection ended: {ended}");
            }
            Ended::BadFrame(_) => {
                self.tally.cut();
                self.tally.tell(Kind::Misbehaved, peer, &ended);
            }
            Ended::TooSlow => self.tally.tell(Kind::Slow, peer, &ended),
            Ended::Io(error) => tracing::debug!(%peer, "a connection failed: {error}"),
        }
        // The core may be over, and then it knows.
        let _ = self.core.send(Message::Gone { conn }).await;
        if matches!(ended, Ended::ByServer) {
            Box::pin(connection.stream.linger()).await;
        }
    }

    async fn answer(&self, word: [u8; 4], peer: SocketAddr, mut stream: Stream) {
        let (answer, answered) = oneshot::channel();
        let asked = self.core.send(Message::Word { word, answer }).await;
        if asked.is_err() {
            return;
        }
        let Ok(text) = answered.await else { return };
        let is_long = text.len() >= LONG_ANSWER_LEN;
        let place = is_long.then(|| self.long_answers.try_acquire());
        let Ok(_place) = place.transpose() else {
            let why = format!("{LONG_ANSWERS_MAX} others have not read long answers to words");
            return self.tally.tell(Kind::Slow, peer, &why);
        };
        let write = async {
            stream.write_all(&text).await?;
            stream.flush().await
        };
        // Who asks and does not read the answer has it taken away with the connection.
        if let Ok(Ok(())) = timeout(CLOSE_LIMIT, write).await {
            Box::pin(stream.linger()).await;
        }
    }
}
