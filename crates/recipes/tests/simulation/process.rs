//! A process that can be stopped: its tasks stand still while the time goes on.

use dockeeper_zk_client::{BootClock, BootInstant};
use parking_lot::Mutex;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
    time::{self, Instant},
};

/// The simulated time as a process sees it.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    start: Instant,
    /// What the time was at `start`, and since then the suspensions, which tokio's clock does not
    /// count.
    offset: Arc<Mutex<Duration>>,
}

/// A program in a runtime of its own.
pub(crate) struct Process {
    runtime: Runtime,
    main: JoinHandle<()>,
    clock: Clock,
}

// === impl Clock ===

impl Clock {
    /// Since the simulation began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed() + *self.offset.lock()
    }
}

impl BootClock for Clock {
    fn now(&self) -> BootInstant {
        BootInstant::since_boot(self.elapsed())
    }
}

// === impl Process ===

impl Process {
    /// Starts a program at the simulated time `now`.
    pub(crate) fn start<F>(now: Duration, program: impl FnOnce(Clock) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_time().start_paused(true).build().unwrap();
        let clock = runtime.block_on(async {
            // Timers fire at whole milliseconds of the runtime's own: begin at one.
            time::sleep(Duration::from_millis(1)).await;
            Clock {
                start: Instant::now(),
                offset: Arc::new(Mutex::new(now)),
            }
        });
        let main = runtime.spawn(program(clock.clone()));
        Self {
            runtime,
            main,
            clock,
        }
    }

    /// Lets it run until a simulated time.
    pub(crate) fn run(&mut self, until: Duration) {
        let clock = &self.clock;
        self.runtime
            .block_on(async { time::sleep(until.saturating_sub(clock.elapsed())).await });
    }

    /// Lets it see what time it is after it has stood still: as behind `SIGSTOP`, when all its timers
    /// are overdue, or as behind the machine's suspension, when they still have their time to go.
    pub(crate) fn wake(&mut self, now: Duration, was_suspended: bool) {
        let clock = &self.clock;
        self.runtime.block_on(async {
            let stood_still = now.saturating_sub(clock.elapsed());
            if was_suspended {
                *clock.offset.lock() += stood_still;
            } else {
                time::advance(stood_still).await;
            }
        });
    }

    /// Passes on what its program panicked with.
    pub(crate) fn check(&mut self) {
        if self.main.is_finished() {
            self.runtime.block_on(&mut self.main).unwrap();
        }
    }
}
