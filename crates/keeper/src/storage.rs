//! What outlives the process: a log of transactions, snapshots of the state, and the key with
//! which sessions' passwords are made.
//!
//! A data directory holds
//!
//! | file | what it is |
//! |---|---|
//! | `lock` | locked by the server that uses the directory ([`DirLock`]) |
//! | `key` | the [key](mod@key) of sessions' passwords |
//! | `log.<zxid>` | a segment of the [`log`], from this transaction on |
//! | `log.spare` | space reserved for the next segment |
//! | `snapshot.<zxid>` | the state after this transaction ([`snapshot`]) |
//! | `snapshot.tmp`, `key.tmp` | one that is being written |
//! | `damaged.snapshot.<zxid>` | a snapshot that could not be read, kept for whoever asks why |
//!
//! Start-up is [`DirLock::take`], [`key::load`], [`recover`], [`Key::save`](key::Key::save),
//! [`writer::start`]. From then on the server gives transactions to the
//! [`LogHandle`](writer::LogHandle), and a snapshot to [`Snapshots`](snapshot::Snapshots) when one is
//! due.
//!
//! # What is taken for granted about the disk
//!
//! - What `fdatasync` has said to be written stays as it is; so does a directory after `fsync`.
//! - A sector (512 bytes) does not change when its neighbour is written, nor when it is written
//!   with what it has already, also if the power fails meanwhile.
//!
//! Nothing else: what was not synced may be there whole, in part, in any order, as garbage, or
//! not at all.

pub mod disk;
pub mod key;
pub mod lock;
pub mod log;
mod names;
pub mod recovery;
pub mod snapshot;
pub mod writer;

pub use self::{
    disk::{Directory, Disk, DiskError, File, OpenDisk, SystemDisk},
    lock::DirLock,
    log::Room,
    recovery::{Recovered, Replay, recover},
};

#[cfg(test)]
mod sim;
#[cfg(test)]
mod tests;
