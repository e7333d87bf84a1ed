//! A program that runs in the testbed.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::Signal;
use tokio::{
    process::{Child, Command},
    sync::Mutex,
    time::timeout,
};

use crate::{
    error::{Error, Result},
    pid::{Handle, Stat},
    tool, wait,
};

/// A signal takes effect at once, unless the process waits for a disk.
const SIGNAL_LIMIT: Duration = Duration::from_secs(10);

/// How much of a log an error shows.
const TAIL_LINES: usize = 30;

/// A process with its log. Dropping it leaves the process alone: it ends with its node.
#[derive(Debug)]
pub struct Process {
    pid: u32,
    handle: Handle,
    child: Mutex<Child>,
    command: String,
    log: PathBuf,
}

impl Process {
    /// Starts a command whose every step is an `exec`, so that the child is the program itself.
    pub(crate) fn spawn(mut command: Command, log: PathBuf) -> Result<Self> {
        let file = File::options().create(true).append(true).open(&log);
        let file = file.map_err(Error::file("open", &log))?;
        let line = tool::describe(command.as_std());
        let run = |error| Error::Run {
            command: line.clone(),
            error,
        };
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone().map_err(run)?)
            .stderr(file);
        // Away from the terminal's process group, whose signals are meant for the caller.
        command.process_group(0);
        let child = command.spawn().map_err(run)?;
        let pid = child.id().expect("it has not been waited for");
        let handle = Handle::open(pid).ok_or_else(|| run(std::io::ErrorKind::NotFound.into()))?;
        Ok(Self {
            pid,
            handle,
            child: Mutex::new(child),
            command: line,
            log,
        })
    }

    /// The program's own process id, the same in all namespaces.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Where its output and its errors go.
    #[must_use]
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// All that it has written so far.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the log cannot be read.
    pub fn log(&self) -> Result<String> {
        let bytes = fs::read(&self.log).map_err(Error::file("read", &self.log))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// How it has ended, or `None` as long as it runs.
    ///
    /// # Errors
    ///
    /// [`Error::Run`] if the system does not tell.
    pub async fn status(&self) -> Result<Option<ExitStatus>> {
        self.child
            .lock()
            .await
            .try_wait()
            .map_err(|error| self.failed(error))
    }

    /// Whether it has not ended yet.
    ///
    /// # Errors
    ///
    /// [`Error::Run`] if the system does not tell.
    pub async fn is_running(&self) -> Result<bool> {
        self.status().await.map(|status| status.is_none())
    }

    /// Waits for its end.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] if it still runs after `limit`.
    pub async fn wait(&self, limit: Duration) -> Result<ExitStatus> {
        let end = async { self.child.lock().await.wait().await };
        match timeout(limit, end).await {
            Ok(status) => status.map_err(|error| self.failed(error)),
            Err(_) => {
                let what = format!("the end of process {}, `{}`", self.pid, self.command);
                Err(Error::Timeout {
                    what,
                    limit,
                    last: "it still runs".into(),
                })
            }
        }
    }

    /// SIGKILL, and waits for the end.
    ///
    /// # Errors
    ///
    /// [`Error::Signal`], or [`Error::Timeout`] if it hangs in the kernel.
    pub async fn kill(&self) -> Result<ExitStatus> {
        self.handle.signal(Signal::KILL)?;
        self.wait(SIGNAL_LIMIT).await
    }

    /// SIGTERM; [`Process::wait`] tells when it has had its effect.
    ///
    /// # Errors
    ///
    /// [`Error::Signal`].
    pub fn terminate(&self) -> Result<()> {
        self.handle.signal(Signal::TERM)
    }

    /// SIGSTOP, and waits for its effect. The process keeps its connections and does nothing, as in
    /// a long pause.
    ///
    /// # Errors
    ///
    /// [`Error::Signal`], or [`Error::Timeout`] if it hangs in the kernel.
    pub async fn freeze(&self) -> Result<()> {
        self.handle.signal(Signal::STOP)?;
        // A signal that is sent before the effect would overtake this one.
        let what = format!("the stop of process {}", self.pid);
        wait::until(what, SIGNAL_LIMIT, async || match Stat::read(self.pid) {
            Some(stat) if !stat.stopped() && !stat.ended() => Err(format!("{stat:?}")),
            _ => Ok(()),
        })
        .await
    }

    /// SIGCONT, after [`Process::freeze`].
    ///
    /// # Errors
    ///
    /// [`Error::Signal`].
    pub fn thaw(&self) -> Result<()> {
        self.handle.signal(Signal::CONT)
    }

    /// Waits until the probe succeeds, and gives up early if the process ends. The error names the
    /// step and shows the end of the log.
    pub(crate) async fn ready<T, P, F>(&self, step: &str, limit: Duration, probe: P) -> Result<T>
    where
        P: FnMut() -> F,
        F: Future<Output = Result<T, String>>,
    {
        let early = async {
            let status = self.child.lock().await.wait().await;
            status.map_or_else(|error| self.failed(error), Error::Ended)
        };
        let result = tokio::select! {
            result = wait::until(step, limit, probe) => result,
            error = early => Err(error),
        };
        result.map_err(|error| {
            let tail = self.log().map(|text| tail(&text)).unwrap_or_default();
            let (step, log) = (step.to_owned(), self.log.clone());
            Error::Start {
                step,
                log,
                tail,
                error: Box::new(error),
            }
        })
    }

    fn failed(&self, error: std::io::Error) -> Error {
        Error::Run {
            command: self.command.clone(),
            error,
        }
    }
}

fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_last_lines() {
        let text: String = (0..100).map(|i| format!("{i}\n")).collect();
        assert!(tail(&text).starts_with("70\n") && tail(&text).ends_with("\n99"));
        assert_eq!(tail("one"), "one");
    }
}
