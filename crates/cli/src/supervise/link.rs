//! What a supervisor and its guard say to each other: lines over a socket, which is the guard's
//! standard input. The command's comes first, as a file descriptor.

use super::machine::SignalNumber;
use dockeeper_zk_client::BootInstant;
use rustix::{
    io::Errno,
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
    },
    process::Pid,
};
use std::{
    fmt,
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::net::UnixStream as BlockingStream,
    },
    str::FromStr,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// What the supervisor wants of the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Kill the command then. The first one starts it.
    Deadline(BootInstant),
    /// A signal to the command and its process group.
    Signal(SignalNumber),
    /// SIGTERM to all that the command has started.
    Terminate,
    /// SIGSTOP to all that the command has started.
    Pause,
    /// SIGCONT to all that was paused.
    Resume,
}

/// What the guard has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Report {
    /// The command was stopped by a signal; its process group.
    Stopped { signal: SignalNumber, group: Pid },
    /// The deadline came, and the command is being killed.
    Overdue,
    /// The command ended, with the code that a shell would show.
    Exited(u8),
}

/// One end.
pub(super) struct Link {
    lines: Lines<BufReader<OwnedReadHalf>>,
    writer: OwnedWriteHalf,
}

/// A pair: for the supervisor, and for the guard's standard input. Nobody inherits either by
/// chance, so that each sees the other's end.
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let (family, kind) = (AddressFamily::UNIX, SocketType::STREAM);
    Ok(socketpair(family, kind, SocketFlags::CLOEXEC, None)?)
}

/// Hands over a file descriptor.
pub(super) fn send_fd(socket: &OwnedFd, fd: BorrowedFd<'_>) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let fds = [fd];
    ancillary.push(SendAncillaryMessage::ScmRights(&fds));
    sendmsg(
        socket,
        &[IoSlice::new(b"\n")],
        &mut ancillary,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

/// Takes the file descriptor that was handed over.
pub(super) fn receive_fd(socket: &OwnedFd) -> io::Result<OwnedFd> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let flags = RecvFlags::CMSG_CLOEXEC;
    recvmsg(
        socket,
        &mut [IoSliceMut::new(&mut byte)],
        &mut ancillary,
        flags,
    )?;
    let fd = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
        _ => None,
    });
    fd.ok_or(Errno::BADMSG.into())
}

// === impl Link ===

impl Link {
    pub(super) fn new(socket: OwnedFd) -> io::Result<Self> {
        let socket = BlockingStream::from(socket);
        socket.set_nonblocking(true)?;
        let (reader, writer) = UnixStream::from_std(socket)?.into_split();
        let lines = BufReader::new(reader).lines();
        Ok(Self { lines, writer })
    }

    pub(super) async fn send(&mut self, message: impl fmt::Display) -> io::Result<()> {
        self.writer
            .write_all(format!("{message}\n").as_bytes())
            .await
    }

    /// The next message; `None` when the other side has gone. Can be dropped and called again.
    pub(super) async fn receive<T: FromStr<Err = Garbled>>(&mut self) -> Option<T> {
        // One that says what cannot be understood is no better than one that has gone.
        self.lines.next_line().await.ok()??.parse().ok()
    }
}

/// No message of ours.
#[derive(Debug)]
pub(super) struct Garbled;

// === impl Order ===

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline(at) => {
                let since_boot = *at - BootInstant::default();
                write!(f, "deadline {}", since_boot.as_nanos())
            }
            Self::Signal(number) => write!(f, "signal {number}"),
            Self::Terminate => f.write_str("terminate"),
            Self::Pause => f.write_str("pause"),
            Self::Resume => f.write_str("resume"),
        }
    }
}

impl FromStr for Order {
    type Err = Garbled;

    fn from_str(line: &str) -> Result<Self, Garbled> {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        match name {
            "deadline" => {
                let since_boot = Duration::from_nanos(number(value)?);
                Ok(Self::Deadline(BootInstant::since_boot(since_boot)))
            }
            "signal" => Ok(Self::Signal(number(value)?)),
            "terminate" => Ok(Self::Terminate),
            "pause" => Ok(Self::Pause),
            "resume" => Ok(Self::Resume),
            _ => Err(Garbled),
        }
    }
}

// === impl Report ===

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped { signal, group } => {
                write!(f, "stopped {signal} {}", group.as_raw_pid())
            }
            Self::Overdue => f.write_str("overdue"),
            Self::Exited(code) => write!(f, "exited {code}"),
        }
    }
}

impl FromStr for Report {
    type Err = Garbled;

    fn from_str(line: &str) -> Result<Self, Garbled> {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["stopped", signal, group] => Ok(Self::Stopped {
                signal: number(signal)?,
                group: pid(group)?,
            }),
            ["overdue"] => Ok(Self::Overdue),
            ["exited", code] => Ok(Self::Exited(number(code)?)),
            _ => Err(Garbled),
        }
    }
}

fn number<T: FromStr>(text: &str) -> Result<T, Garbled> {
    text.parse().map_err(|_| Garbled)
}

/// A process id as text.
pub(super) fn pid(text: &str) -> Result<Pid, Garbled> {
    let number: u32 = number(text)?;
    let number = i32::try_from(number).map_err(|_| Garbled)?;
    Pid::from_raw(number).ok_or(Garbled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        fs::File,
        io::{Read, Seek, Write},
        os::fd::AsFd,
    };

    #[test]
    fn messages_are_read_as_they_are_written() {
        for order in [
            Order::Deadline(BootInstant::since_boot(Duration::from_nanos(
                1_234_567_890_123,
            ))),
            Order::Signal(15),
            Order::Terminate,
            Order::Pause,
            Order::Resume,
        ] {
            assert_eq!(order.to_string().parse::<Order>().ok(), Some(order));
        }
        let group = Pid::INIT;
        for report in [
            Report::Stopped { signal: 20, group },
            Report::Overdue,
            Report::Exited(255),
        ] {
            assert_eq!(report.to_string().parse::<Report>().ok(), Some(report));
        }
        for bad in ["", "deadline", "deadline x", "exited 256", "stopped 20 -1"] {
            assert!(bad.parse::<Order>().is_err(), "{bad}");
            assert!(bad.parse::<Report>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_file_descriptor_is_handed_over() {
        let (here, there) = pair().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"hello").unwrap();
        file.rewind().unwrap();
        send_fd(&here, file.as_fd()).unwrap();
        let mut text = String::new();
        let mut received = File::from(receive_fd(&there).unwrap());
        received.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello");
        drop(here);
        assert!(receive_fd(&there).is_err());
    }
}
