use crate::{
    call::{Call, Ticket, Watch},
    chroot::Chroot,
    config::Config,
    error::{Error, ErrorKind, NotSent, Unknown},
    event::Abandoned,
    queue,
    state::{Ended, State},
};
use bytes::Bytes;
use dockeeper_zk_proto::{Record, Request, acl::Acl, frame::HEADER_LEN, path};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, timeout_at},
};

/// Encodes requests, hands them to the client's task, and waits for answers.
#[derive(Clone, Debug)]
pub(super) struct Requests {
    calls: queue::Sender,
    state: watch::Receiver<State>,
    abandoned: Arc<Abandoned>,
    settings: Arc<Settings>,
}

#[derive(Debug)]
struct Settings {
    chroot: Chroot,
    timeout: Duration,
    len_max: usize,
    acl: Vec<Acl>,
}

/// What a request is besides its body.
pub(super) struct Manner<'a> {
    /// The znode as the client sees it, for errors.
    pub(super) path: &'a str,
    /// Whether it may be sent twice.
    pub(super) is_repeatable: bool,
    pub(super) watch: Option<Watch>,
}

/// Gives a request up when its caller does.
struct Guard<'a> {
    ticket: Arc<Ticket>,
    calls: &'a queue::Sender,
}

// === impl Requests ===

impl Requests {
    pub(super) fn new(config: &Config, state: watch::Receiver<State>) -> (Self, queue::Receiver) {
        let (calls, receiver) = queue::queue();
        let settings = Settings {
            chroot: Chroot::new(config.servers.chroot()),
            timeout: config.request_timeout,
            len_max: config.request_len_max,
            acl: config.acl.clone(),
        };
        let requests = Self {
            calls,
            state,
            abandoned: Arc::default(),
            settings: Arc::new(settings),
        };
        (requests, receiver)
    }

    pub(super) fn abandoned(&self) -> &Arc<Abandoned> {
        &self.abandoned
    }

    pub(super) fn timeout(&self) -> Duration {
        self.settings.timeout
    }

    pub(super) fn chroot(&self) -> &Chroot {
        &self.settings.chroot
    }

    pub(super) fn acl(&self) -> Vec<Acl> {
        self.settings.acl.clone()
    }

    /// Checks a path and makes it the server's.
    pub(super) fn server_path(&self, operation: &'static str, path: &str) -> Result<String, Error> {
        path::validate(path).map_err(|why| Error::new(operation, path, why))?;
        Ok(self.settings.chroot.to_server(path))
    }

    /// Sends a request that changes something, and reads its answer.
    pub(super) async fn write<R: Request>(
        &self,
        path: &str,
        request: &R,
    ) -> Result<R::Reply, Error> {
        let manner = Manner {
            path,
            is_repeatable: false,
            watch: None,
        };
        self.send(manner, request).await
    }

    /// Sends a request that changes nothing, and reads its answer. A broken connection is no
    /// reason to fail: the request goes out again on the next.
    pub(super) async fn read<R: Request>(
        &self,
        path: &str,
        watch: Option<Watch>,
        request: &R,
    ) -> Result<R::Reply, Error> {
        let manner = Manner {
            path,
            is_repeatable: true,
            watch,
        };
        self.send(manner, request).await
    }

    pub(super) async fn send<R: Request>(
        &self,
        manner: Manner<'_>,
        request: &R,
    ) -> Result<R::Reply, Error> {
        let opcode = request.opcode();
        let path = manner.path;
        let is_read = manner.is_repeatable;
        let fail = |kind: ErrorKind| {
            let error = Error::new(opcode.name(), path, kind);
            if is_read { error.of_read() } else { error }
        };
        let max = self.settings.len_max;
        let frame = Call::encode(opcode, max, |out| request.encode(out))
            .map_err(|_| fail(NotSent::TooLong { max }.into()))?;
        // What servers compare with `jute.maxbuffer`.
        let request_len = frame.len() - HEADER_LEN;
        let fail = |kind| fail(kind).of_len(request_len);
        let (reply, answer) = oneshot::channel();
        let guard = Guard {
            ticket: Arc::default(),
            calls: &self.calls,
        };
        let call = Call {
            frame,
            is_repeatable: manner.is_repeatable,
            watch: manner.watch,
            ticket: guard.ticket.clone(),
            reply,
        };
        let body = self.exchange(call, answer, &guard).await.map_err(fail)?;
        R::Reply::from_bytes(body).map_err(|why| fail(Unknown::Malformed(why).into()))
    }

    async fn exchange(
        &self,
        call: Call,
        answer: oneshot::Receiver<Result<Bytes, ErrorKind>>,
        guard: &Guard<'_>,
    ) -> Result<Bytes, ErrorKind> {
        let timeout = self.settings.timeout;
        let deadline = Instant::now() + timeout;
        // A task that is gone drops what it was sent, and says in its state how it ended.
        self.calls.send(call).map_err(|_| self.ended())?;
        match timeout_at(deadline, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(self.ended()),
            Err(_) if guard.give_up() => Err(self.never_sent(timeout)),
            Err(_) => Err(Unknown::Deadline(timeout).into()),
        }
    }

    fn ended(&self) -> ErrorKind {
        match &*self.state.borrow() {
            State::Ended(Ended::Expired) => NotSent::Expired,
            State::Ended(Ended::AuthFailed) => NotSent::AuthFailed,
            State::Ended(Ended::Closed | Ended::Detached)
            | State::Connecting { .. }
            | State::Connected(_) => NotSent::Closed,
        }
        .into()
    }

    fn never_sent(&self, waited: Duration) -> ErrorKind {
        let attempts = match &*self.state.borrow() {
            State::Connecting { attempts } => attempts.to_vec(),
            State::Connected(_) | State::Ended(_) => Vec::new(),
        };
        NotSent::Deadline { waited, attempts }.into()
    }
}

// === impl Guard ===

impl Guard<'_> {
    /// True when the request was never sent and never will be.
    fn give_up(&self) -> bool {
        let is_given_up = self.ticket.abandon();
        if is_given_up {
            self.calls.abandoned();
        }
        is_given_up
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.give_up();
    }
}
