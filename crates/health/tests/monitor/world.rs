//! A monitor whose probes the tests answer themselves.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dockeeper_health::exec::ExecOutcome;
use dockeeper_health::monitor::Config;
use dockeeper_health::probe::Tls;
use dockeeper_health::{Change, Check, Exec, Handle, Monitor, Probe, Reason, Target, Verdict};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

/// Longer than anything here takes; simulated, so it costs nothing.
pub(crate) const LONG: Duration = Duration::from_secs(24 * 60 * 60);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// A probe that waits for the test to answer.
pub(crate) struct Call {
    pub(crate) container: String,
    pub(crate) at: Instant,
    pub(crate) reply: oneshot::Sender<Result<ExecOutcome, String>>,
}

impl Call {
    pub(crate) fn exit(self, exit_code: i64) {
        // The probe may have been cancelled.
        let _ = self.reply.send(Ok(ExecOutcome {
            exit_code,
            output: "out".to_owned(),
        }));
    }
}

struct FakeExec(mpsc::UnboundedSender<Call>);

impl Exec for FakeExec {
    async fn exec(
        &self,
        container: &str,
        _command: &[String],
        _timeout: Duration,
    ) -> Result<ExecOutcome, String> {
        assert_ne!(container, "panic", "this test wants a panic");
        let (reply, answer) = oneshot::channel();
        let call = Call {
            container: container.to_owned(),
            at: Instant::now(),
            reply,
        };
        self.0
            .send(call)
            .map_err(|_| "the test is over".to_owned())?;
        answer.await.map_err(|_| "no answer".to_owned())?
    }
}

/// A running monitor and all that the tests need of it.
pub(crate) struct World {
    pub(crate) handle: Handle,
    pub(crate) changes: mpsc::Receiver<Change>,
    pub(crate) calls: mpsc::UnboundedReceiver<Call>,
    pub(crate) task: JoinHandle<()>,
    /// How often the monitor has been woken.
    pub(crate) polls: Arc<AtomicUsize>,
}

impl World {
    pub(crate) fn start() -> Self {
        let (exec, calls) = mpsc::unbounded_channel();
        let config = Config {
            seed: 7,
            tls: Tls::system(),
        };
        let (monitor, handle, changes) = Monitor::new(config, FakeExec(exec));
        let polls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&polls);
        let mut run = Box::pin(monitor.run());
        let task = tokio::spawn(poll_fn(move |context| {
            counter.fetch_add(1, Ordering::Relaxed);
            run.as_mut().poll(context)
        }));
        Self {
            handle,
            changes,
            calls,
            task,
            polls,
        }
    }

    pub(crate) async fn set(&self, key: &str, check: &Check) {
        self.handle
            .set(key, check.clone(), target(key))
            .await
            .expect("the check is set");
    }

    pub(crate) async fn call(&mut self) -> Call {
        timeout(LONG, self.calls.recv())
            .await
            .expect("a probe is due")
            .expect("it runs")
    }

    pub(crate) async fn change(&mut self) -> (String, Verdict) {
        let change = timeout(LONG, self.changes.recv())
            .await
            .expect("a change comes");
        let change = change.expect("the monitor runs");
        (change.key.to_string(), change.verdict)
    }

    /// Takes the change that tells the initial verdict.
    pub(crate) async fn initial(&mut self, key: &str) {
        assert_eq!(self.change().await, (key.to_owned(), Verdict::unproven()));
    }
}

pub(crate) fn target(key: &str) -> Target {
    Target {
        address: ([127, 0, 0, 1], 1).into(),
        name: None,
        container: key.to_owned(),
    }
}

pub(crate) fn command() -> Check {
    Check::new(Probe::Command(vec!["check".to_owned()]))
}

pub(crate) fn ttl(ttl: Duration) -> Check {
    Check::new(Probe::Ttl(ttl))
}

pub(crate) fn failing(reason: &str) -> Verdict {
    Verdict::Failing {
        reason: Reason::new(reason),
    }
}
