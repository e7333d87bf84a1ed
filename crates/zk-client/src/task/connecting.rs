use super::{
    Control, Order, Session, Task,
    connection::Connection,
    handshake::{self, Answer},
};
use crate::{
    connect_string::Host,
    session::{backoff::Backoff, hosts::CONNECT_LIMIT},
    state::{Attempt, ConnectError, Connected, Ended, State},
    transport::Stream,
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
}

impl Task {
    /// Tries one host after another until one accepts the session.
    pub(super) async fn connect(&mut self) -> Result<(Connection, Host), Ended> {
        let mut backoff = Backoff::default();
        let mut attempts = Vec::with_capacity(self.hosts.len());
        loop {
            for _ in 0..self.hosts.len() {
                let host = self.hosts.next();
                self.publish(&mut attempts, &host, ConnectError::Pending);
                match self.attempt(&host, backoff.rounds()).await? {
                    Ok(accepted) => return self.accept(accepted, host),
                    Err(error) => {
                        tracing::debug!(%host, %error, "no connection to ZooKeeper");
                        self.publish(&mut attempts, &host, error);
                    }
                }
            }
            let pause = backoff.pause(&mut self.rng);
            self.while_disconnected(time::sleep(pause)).await?;
        }
    }

    async fn attempt(
        &mut self,
        host: &Host,
        round: u32,
    ) -> Result<Result<Accepted, ConnectError>, Ended> {
        let limit = self.hosts.handshake_limit(self.session.timeout, round);
        let connect = self.config.connect.clone();
        let wished = self.config.session_timeout;
        let session = Session {
            password: self.session.password.clone(),
            ..self.session
        };
        let attempt = async {
            let mut stream = limited(CONNECT_LIMIT, connect.connect(host)).await?;
            let mut input = BytesMut::new();
            let handshake = handshake::run(&mut stream, &session, wished, &mut input);
            let answer = limited(limit, handshake).await?;
            Ok(Accepted {
                stream,
                input,
                answer,
            })
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
        let mut connection = Connection::new(
            accepted.stream,
            accepted.input,
            self.config.reply_len_max,
            self.session.timeout,
        );
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
                session_id: self.session.id,
                session_timeout: self.session.timeout,
                connection: self.session.connections,
            }));
        Ok((connection, host))
    }

    /// Waits for `future`, and takes orders meanwhile.
    async fn while_disconnected<F: Future>(&mut self, future: F) -> Result<F::Output, Ended> {
        let mut future = std::pin::pin!(future);
        loop {
            tokio::select! {
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
                            self.config.credentials.push(credentials);
                        }
                    }
                }
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
        self.id = response.session_id;
        self.password = response.password.clone();
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
