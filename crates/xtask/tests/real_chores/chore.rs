//! One run of `cargo xtask`.

use dockeeper_testbed::{Layout, record::Record};
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    fs::File,
    io::Read,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread::sleep,
    time::Duration,
};
use tempfile::TempDir;

use crate::traces;

const POLL: Duration = Duration::from_millis(10);

/// The program may have to be built first, on a machine that does other things as well.
const POLLS_MAX: u32 = 20_000;

/// A run in a process group of its own, as a shell makes one for a command line.
pub(crate) struct Chore {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
    _folder: TempDir,
}

/// What came of one.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Chore {
    /// Starts one, whose output goes to files.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(arguments, Stdio::from)
    }

    /// Starts one whose output is read by the test; it takes the other end of the pipe.
    pub(crate) fn piped(arguments: &[&str]) -> (Self, ChildStdout) {
        let mut chore = Self::spawn(arguments, |_| Stdio::piped());
        let stdout = chore.child.stdout.take().unwrap();
        (chore, stdout)
    }

    fn spawn(arguments: &[&str], stdout: impl FnOnce(File) -> Stdio) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["stdout", "stderr"].map(|name| folder.path().join(name));
        let [out, err] = paths.clone().map(|path| File::create(path).unwrap());
        let mut command = Command::new(env!("CARGO_BIN_EXE_dockeeper-xtask"));
        command.args(arguments).stdin(Stdio::null());
        command.stdout(stdout(out)).stderr(err).process_group(0);
        let child = command.spawn().unwrap();
        let [stdout, stderr] = paths;
        Self {
            child,
            stdout,
            stderr,
            _folder: folder,
        }
    }

    /// Sends a signal to the whole group, as a terminal does.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process_group(Pid::from_child(&self.child), signal).unwrap();
    }

    /// The testbed that it has made, as soon as there is one.
    pub(crate) fn testbed(&mut self) -> Layout {
        let pid = self.child.id();
        self.until("its testbed", |_| {
            let records = Record::all().unwrap().into_iter();
            let mut own = records.filter(|r| r.owner.is_some_and(|owner| owner.pid == pid));
            own.next().map(|record| record.layout)
        })
    }

    /// Waits until its output has this text.
    pub(crate) fn until_said(&mut self, text: &str) {
        self.until(text, |chore| chore.read().0.contains(text).then_some(()));
    }

    fn until<T>(&mut self, what: &str, mut look: impl FnMut(&Self) -> Option<T>) -> T {
        for _ in 0..POLLS_MAX {
            if let Some(found) = look(self) {
                return found;
            }
            let status = self.child.try_wait().unwrap();
            assert!(status.is_none(), "{what}: ended: {:?}", self.read());
            sleep(POLL);
        }
        panic!(
            "{what}: not within {:?}: {:?}",
            POLL * POLLS_MAX,
            self.read()
        );
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let status = self.child.wait().unwrap();
        let (stdout, stderr) = self.read();
        Ended {
            status,
            stdout,
            stderr,
        }
    }

    fn read(&self) -> (String, String) {
        let read = |path| {
            let mut text = String::new();
            File::open(path).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        (read(&self.stdout), read(&self.stderr))
    }
}

/// Fails if anything of a testbed is left.
pub(crate) fn assert_gone(layout: &Layout, ended: &Ended) {
    let traces = traces::of(layout);
    assert!(traces.is_empty(), "{traces:?}: {}", ended.stderr);
}
