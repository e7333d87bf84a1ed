use super::{
    Control, Order, Session, Task,
    connection::Connection,
    handshake::{self, Answer},
};
use crate::{
    clock::{BootClock, BootInstant},
    connect_string::Host,
    lease::Lease,
    state::{Attempt, ConnectError, Connected, Ended, State},
    transport::{Connect, Stream},
};
use bytes::BytesMut;
use dockeeper_zk_proto::connect::ConnectResponse;
use std::{sync::Arc, time::Duration};
use tokio::time;

/// A server that has accepted the session.
struct Accepted {
    stream: Box<dyn Stream>,
    input: BytesMut,
    answer: Answer,
    /// When the server was asked.
    asked_at: BootInstant,
}

/// What is said to a server, and how long it has for an answer.
struct Greeting {
    connect: Arc<dyn Connect>,
    clock: Arc<dyn BootClock>,
    session: Session,
    wished: Duration,
    allow_read_only: bool,
    limit: Duration,
}

/// After how many rounds a server that hangs up is asked whether it knows the session at all.
const PROBE_ROUND: u32 = 3;

// === impl Greeting ===

impl Greeting {
    async fn say(&self, host: &Host) -> Result<Accepted, ConnectError> {
        let connecting = self.connect.connect(host);
        let mut stream = limited(self.connect.limit().min(self.limit), connecting).await?;
        let mut input = BytesMut::new();
        let asked_at = self.clock.now();
        let hello = handshake::hello(&self.session, self.wished, self.allow_read_only);
        let handshake = handshake::run(&mut stream, &hello, &mut input);
        let answer = limited(self.limit, handshake).await?;
        Ok(Accepted {
            stream,
            input,
            answer,
            asked_at,
        })
    }

    /// Asks a server that hung up whether the session has expired. One whose data are older than
    /// what the session has seen hangs up without a word, for ever if they were lost or restored
    /// from a copy. So it is asked as if the session had seen nothing; but if it knows the session,
    /// it is only late, and of no use yet.
    async fn probe(&self, host: &Host) -> Result<Accepted, ConnectError> {
        let session = Session {
            last_zxid: 0,
            ..self.session.clone()
        };
        let naive = Self {
            connect: self.connect.clone(),
            clock: self.clock.clone(),
            session,
            ..*self
        };
        match naive.say(host).await {
            Ok(accepted) if matches!(accepted.answer, Answer::Expired) => Ok(accepted),
            Ok(_) | Err(_) => Err(ConnectError::HungUp),
        }
    }
}

// === impl Task ===

impl Task {
    /// Tries one host after another until one accepts the session.
    pub(super) async fn connect(&mut self) -> Result<(Connection, Host), Ended> {
        let mut attempts = Vec::with_capacity(self.hosts.len());
        loop {
            for _ in 0..self.hosts.len() {
                let host = self.hosts.next();
                self.publish(&mut attempts, &host, ConnectError::Pending);
                match self.attempt(&host).await? {
                    Ok(accepted) => return self.accept(accepted, host),
                    Err(error) => {
                        if matches!(error, ConnectError::Timeout(_)) {
                            self.backoff.timed_out();
                        }
                        tracing::debug!(%host, %error, "no connection to ZooKeeper");
                        self.publish(&mut attempts, &host, error);
                    }
                }
            }
            let timeout = self.session.timeout;
            let pause = self.backoff.pause(&mut self.rng, timeout);
            self.while_disconnected(time::sleep(pause)).await?;
        }
    }

    async fn attempt(&mut self, host: &Host) -> Result<Result<Accepted, ConnectError>, Ended> {
        let round = self.backoff.rounds();
        let unanswered = self.backoff.unanswered();
        let limit = self.hosts.handshake_limit(self.session.timeout, unanswered);
        let greeting = Greeting {
            connect: self.config.connect.clone(),
            clock: self.config.clock.clone(),
            session: self.session.clone(),
            wished: self.config.session_timeout,
            allow_read_only: self.config.allow_read_only,
            limit,
        };
        let attempt = async {
            match greeting.say(host).await {
                Err(ConnectError::HungUp) if round >= PROBE_ROUND && greeting.session.id != 0 => {
                    greeting.probe(host).await
                }
                answered => answered,
            }
        };
        self.while_disconnected(attempt).await
    }

    fn accept(&mut self, accepted: Accepted, host: Host) -> Result<(Connection, Host), Ended> {
        let response = match accepted.answer {
            Answer::Granted(response) => response,
            Answer::Expired => return Err(Ended::Expired),
        };
        self.session.granted(&response);
        *self.channels.saved.lock() = self.session.saved();
        let is_read_only = response.read_only == Some(true);
        let mut connection = Connection::new(
            accepted.stream,
            accepted.input,
            self.config.reply_len_max,
            self.session.timeout,
        );
        connection.is_read_only = is_read_only;
        if !is_read_only {
            // The leader has begun the session, or says that it lives.
            let lease = Lease::new(accepted.asked_at, self.session.timeout);
            self.channels.lease.send_replace(Some(lease));
        }
        connection.next_xid = self.session.next_xid;
        // Credentials come first: a server fires only the watches that they may read.
        for credentials in &self.config.credentials {
            connection.authenticate(&credentials.to_request());
        }
        let armed = self.watches.armed();
        for request in armed.into_requests(self.session.last_zxid) {
            connection.arm(&request);
        }
        self.channels
            .state
            .send_replace(State::Connected(Connected {
                host: host.clone(),
                session_id: response.session_id,
                is_read_only,
                session_timeout: self.session.timeout,
                connection: self.session.connections,
            }));
        Ok((connection, host))
    }

    /// Waits for `future`, and takes orders meanwhile.
    pub(super) async fn while_disconnected<F: Future>(
        &mut self,
        future: F,
    ) -> Result<F::Output, Ended> {
        let mut future = std::pin::pin!(future);
        loop {
            tokio::select! {
                // In an order, so that a simulation can be repeated.
                biased;
                output = &mut future => return Ok(output),
                control = self.channels.controls.recv() => {
                    let Some(Control { order, done }) = control else {
                        return Err(Ended::Detached);
                    };
                    match order {
                        // A session that no server knows of is closed already.
                        Order::Close if self.session.id == 0 => return Err(Ended::Closed),
                        Order::Close => self.closing = Some(done),
                        Order::Detach => {
                            self.closing = Some(done);
                            return Err(Ended::Detached);
                        }
                        Order::Authenticate(credentials) => {
                            self.remember(credentials);
                        }
                        // It came too late: that connection is gone.
                        Order::MoveTo(_) => {}
                    }
                }
                // Nothing is there to be told; what is armed on the next connection is settled then.
                paths = self.channels.abandoned.next() => {
                    for path in paths {
                        self.watches.tidy(&path);
                    }
                },
                () = given_up(&mut self.closing) => return Err(Ended::Closed),
            }
        }
    }

    /// Shows what became of the last attempt at each host.
    fn publish(&self, attempts: &mut Vec<Attempt>, host: &Host, error: ConnectError) {
        attempts.retain(|attempt| attempt.host != *host);
        let host = host.clone();
        attempts.push(Attempt { host, error });
        self.channels.state.send_replace(State::Connecting {
            attempts: Arc::from(attempts.as_slice()),
        });
    }
}

async fn limited<T, E: Into<ConnectError>>(
    limit: Duration,
    future: impl Future<Output = Result<T, E>>,
) -> Result<T, ConnectError> {
    match time::timeout(limit, future).await {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(ConnectError::Timeout(limit)),
    }
}

/// Waits until whoever ordered the close waits no longer; for ever when nobody did.
async fn given_up(closing: &mut Option<tokio::sync::oneshot::Sender<()>>) {
    match closing {
        Some(closing) => closing.closed().await,
        None => std::future::pending().await,
    }
}

// === impl Session ===

impl Session {
    fn granted(&mut self, response: &ConnectResponse) {
        if response.read_only != Some(true) {
            self.id = response.session_id;
            self.password = response.password.clone();
        }
        let timeout_ms = u64::try_from(response.timeout_ms).unwrap_or(0);
        self.timeout = Duration::from_millis(timeout_ms);
        self.connections += 1;
    }

    fn saved(&self) -> crate::saved::SavedSession {
        crate::saved::SavedSession {
            id: self.id,
            password: self.password.clone(),
        }
    }
}
