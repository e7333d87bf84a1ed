//! The four-letter words: what an operator or a monitor sends instead of a handshake, and the text
//! that it gets, in the format of Apache ZooKeeper 3.8.0.
//!
//! Everything here is text of plain data; the server gathers the data.

mod connections;
mod dump;
mod environment;
mod list;
mod monitor;
mod summary;
#[cfg(test)]
mod tests;
mod watches;
mod whitelist;

pub use self::{
    connections::{Connection, OnConnection, cons, operation},
    dump::{Bucket, dump},
    environment::{Conf, Environment, conf, envi},
    list::ENTRIES_MAX,
    monitor::{Monitor, mntr},
    summary::{Mode, Summary, isro, srvr, stat, version},
    watches::{wchc, wchp, wchs},
    whitelist::{UnknownWord, Whitelist},
};

/// The answer to `ruok`.
pub const IMOK: &str = "imok";

/// The answer to a word that needs a tree, while there is none: the server is starting or stopping.
pub const NOT_SERVING: &str = "This ZooKeeper instance is not currently serving requests\n";

macro_rules! words {
    ($( $(#[$meta:meta])* $name:ident = $text:literal, )*) => {
        /// A four-letter word.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Word {
            $( $(#[$meta])* $name, )*
            /// One that Apache serves and this server does not: it changes a running server, or
            /// tells what there is not here. It is refused as if it were not in the whitelist.
            Unserved(&'static str),
        }

        impl Word {
            /// Every word that is served.
            pub const SERVED: &[Self] = &[$( Self::$name, )*];

            /// What stands on the wire.
            pub fn name(self) -> &'static str {
                match self {
                    $( Self::$name => $text, )*
                    Self::Unserved(name) => name,
                }
            }
        }
    };
}

words! {
    /// The configuration.
    Conf = "conf",
    /// The connections, in full.
    Cons = "cons",
    /// Sessions, ephemeral znodes and connections, by the time at which they end.
    Dump = "dump",
    /// The environment.
    Envi = "envi",
    /// Whether the server takes writes.
    Isro = "isro",
    /// Everything that a monitor may want, one figure a line.
    Mntr = "mntr",
    /// Whether the server is there.
    Ruok = "ruok",
    /// The server's figures.
    Srvr = "srvr",
    /// The server's figures and its connections in short.
    Stat = "stat",
    /// Which connection watches what.
    Wchc = "wchc",
    /// Which path is watched by whom.
    Wchp = "wchp",
    /// How many watches there are.
    Wchs = "wchs",
}

/// Known to Apache only.
const UNSERVED: [&str; 6] = ["crst", "dirs", "gtmk", "hash", "srst", "stmk"];

// === impl Word ===

impl Word {
    /// The word that a connection's first four bytes are; `None` if they are a frame's length.
    pub fn from_bytes(bytes: [u8; 4]) -> Option<Self> {
        let served = Self::SERVED.iter().copied();
        let unserved = UNSERVED.into_iter().map(Self::Unserved);
        served
            .chain(unserved)
            .find(|word| word.name().as_bytes() == bytes)
    }

    /// The answer to a word that is not in the whitelist.
    pub fn refusal(self) -> String {
        let name = self.name();
        format!("{name} is not executed because it is not in the whitelist.\n")
    }
}
