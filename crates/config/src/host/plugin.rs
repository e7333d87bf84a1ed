//! Docker's volume plugin protocol: how Docker asks for volumes, over HTTP on a Unix socket.
//!
//! Docker finds the plugin by its socket's name when a volume is first asked for. What it does, in
//! 20.10 as it was watched:
//!
//! * Without a socket it looks again for 15 seconds, and its command says that the plugin was not
//!   found. When it starts, it does so for each volume that it knows and for each container that
//!   runs, one after the other: the plugin has to be there before Docker, and need not wait for it.
//! * It gives up on `Mount` and `Create` after two minutes, on all else after one. It starts
//!   containers before it answers anybody, and waits for them: so [`MOUNT_LIMIT`] is far lower.
//! * It asks for a volume (`Get`) before everything that it does with it, and takes any error for
//!   "there is none". So that is answered from what this host knows.
//! * An identifier of a mount is of one start of a container. `docker cp` mounts and unmounts with
//!   the identifier of the running container. After its own restart Docker does not mount again what
//!   running containers have (`live-restore`), and after a copy then forgets the identifier: it never
//!   unmounts it. So neither is counted: [`Volumes::unmount`] looks at whether anybody has the mount
//!   ([`owner`](super::owner)), and what nobody has, has to be found by looking too.
//! * While a container waits for a mount, it cannot be inspected. The list of containers waits for
//!   nobody.

mod call;
mod options;
mod reply;
mod server;
mod table;
mod volumes;

pub use self::{
    call::MOUNT_LIMIT,
    options::{InvalidOptions, Options},
    server::serve,
    table::{Table, TableError, VOLUMES_MAX},
    volumes::{Refusal, Volume, Volumes},
};

#[cfg(test)]
mod tests;
