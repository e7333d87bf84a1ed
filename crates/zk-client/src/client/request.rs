use crate::{
    call::{Call, Ticket, Watch},
    chroot::Chroot,
    config::Config,
    error::{Error, ErrorKind, NotSent, Unknown},
    state::{Ended, State},
};
use bytes::Bytes;
use dockeeper_zk_proto::{Record, Request, acl::Acl, path};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    time::{Instant, timeout_at},
};

/// How many requests wait to be taken by the client's task. Their senders wait beyond that.
const WAITING_MAX: usize = 1024;

/// Encodes requests, hands them to the client's task, and waits for answers.
#[derive(Clone, Debug)]
pub(super) struct Requests {
    calls: mpsc::Sender<Call>,
    state: watch::Receiver<State>,
    dropped: Arc<Notify>,
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
struct Guard(Arc<Ticket>);

// === impl Requests ===

impl Requests {
    pub(super) fn new(
        config: &Config,
        state: watch::Receiver<State>,
    ) -> (Self, mpsc::Receiver<Call>) {
        let (calls, receiver) = mpsc::channel(WAITING_MAX);
        let settings = Settings {
            chroot: Chroot::new(config.servers.chroot()),
            timeout: config.request_timeout,
            len_max: config.request_len_max,
            acl: config.acl.clone(),
        };
        let requests = Self {
            calls,
            state,
            dropped: Arc::default(),
            settings: Arc::new(settings),
        };
        (requests, receiver)
    }

    pub(super) fn dropped(&self) -> Arc<Notify> {
        self.dropped.clone()
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
        let fail = |kind: ErrorKind| Error::new(opcode.name(), path, kind);
        let max = self.settings.len_max;
        let frame = Call::encode(opcode, max, |out| request.encode(out))
            .map_err(|_| fail(NotSent::TooLong { max }.into()))?;
        let (reply, answer) = oneshot::channel();
        let guard = Guard(Arc::default());
        let call = Call {
            frame,
            is_repeatable: manner.is_repeatable,
            watch: manner.watch,
            ticket: guard.0.clone(),
            reply,
        };
        let body = self.exchange(call, answer, &guard).await.map_err(fail)?;
        R::Reply::from_bytes(body).map_err(|why| fail(Unknown::Malformed(why).into()))
    }

    async fn exchange(
        &self,
        call: Call,
        answer: oneshot::Receiver<Result<Bytes, ErrorKind>>,
        guard: &Guard,
    ) -> Result<Bytes, ErrorKind> {
        let timeout = self.settings.timeout;
        let exchange = async {
            // A task that is gone drops what it was sent, and says in its state how it ended.
            self.calls.send(call).await.map_err(|_| self.ended())?;
            answer.await.map_err(|_| self.ended())?
        };
        match timeout_at(Instant::now() + timeout, exchange).await {
            Ok(result) => result,
            Err(_) if guard.0.abandon() => Err(self.never_sent(timeout)),
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

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
