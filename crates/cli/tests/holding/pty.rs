use crate::keeper::Keeper;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::{
    fs::File,
    io::{Read, Write},
    os::fd::OwnedFd,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

/// For what takes a moment, on a machine with other things to do.
const LIMIT: Duration = Duration::from_secs(60);

/// An interactive shell on a terminal of its own.
pub(crate) struct Shell {
    terminal: File,
    shown: String,
    output: Receiver<String>,
    child: Child,
}

impl Shell {
    pub(crate) fn start(keeper: &Keeper) -> Self {
        // Nobody else holds this end: when the test fails, the shell and its jobs are hung up on.
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let terminal = openpt(flags).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap();
        let open = || {
            let mut options = File::options();
            let file = options.read(true).write(true).open(name.to_str().unwrap());
            Stdio::from(OwnedFd::from(file.unwrap()))
        };
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait", "sh", "-i"]);
        command
            .env("PS1", "$ ")
            .env("DOCKEEPER_ZK", &keeper.address);
        command.env("dockeeper", env!("CARGO_BIN_EXE_dockeeper"));
        let child = command.stdin(open()).stdout(open()).stderr(open());
        let child = child.spawn().unwrap();
        let (sender, output) = mpsc::channel();
        let terminal = File::from(terminal);
        let mut reader = terminal.try_clone().unwrap();
        thread::spawn(move || {
            let mut bytes = [0; 1024];
            // It ends with an error when the last process has left the terminal.
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
                if sender.send(text).is_err() {
                    return;
                }
            }
        });
        Self {
            terminal,
            shown: String::new(),
            output,
            child,
        }
    }

    pub(crate) fn enter(&mut self, text: &str) {
        self.terminal.write_all(text.as_bytes()).unwrap();
    }

    /// Waits until the terminal shows it, and forgets what came before.
    pub(crate) fn shows(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.shown.find(text) {
                let rest = self.shown.split_off(at + text.len());
                return std::mem::replace(&mut self.shown, rest);
            }
            match self.output.recv_timeout(LIMIT) {
                Ok(more) => self.shown.push_str(&more),
                Err(why) => panic!("no {text:?} ({why}) in {:?}", self.shown),
            }
        }
    }

    pub(crate) fn end(mut self) {
        self.enter("exit\n");
        self.child.wait().unwrap();
    }
}
