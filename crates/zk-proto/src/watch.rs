//! Watches: how a client asks for them, and what a server sends when one fires.

use crate::{DecodeError, Decoder, Record, wire::record};
use bytes::BytesMut;

macro_rules! wire_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident: $what:literal { $( $(#[$variant_meta:meta])* $variant:ident = $value:literal, )* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $( $(#[$variant_meta])* $variant, )* }

        impl Record for $name {
            const LEN_MIN: usize = i32::LEN_MIN;

            fn encode(&self, out: &mut BytesMut) {
                match self {
                    $( Self::$variant => $value, )*
                }
                .encode(out);
            }

            fn decode(input: &mut Decoder) -> Result<Self, DecodeError> {
                match input.read()? {
                    $( $value => Ok(Self::$variant), )*
                    value => Err(DecodeError::Value { what: $what, value }),
                }
            }
        }
    };
}

wire_enum! {
    /// What happened to a znode.
    pub enum EventType: "an event's type" {
        /// Nothing: the event tells the connection's state.
        None = -1,
        /// It was created.
        NodeCreated = 1,
        /// It was deleted.
        NodeDeleted = 2,
        /// Its data changed.
        NodeDataChanged = 3,
        /// A child was created or deleted.
        NodeChildrenChanged = 4,
        /// A watch on its data is gone.
        DataWatchRemoved = 5,
        /// A watch on its children is gone.
        ChildWatchRemoved = 6,
        /// A persistent watch is gone.
        PersistentWatchRemoved = 7,
    }
}

wire_enum! {
    /// How long a watch stays, and how far it sees.
    pub enum AddWatchMode: "a watch's mode" {
        /// Until it is removed; one znode.
        Persistent = 0,
        /// Until it is removed; a znode and all below it. Sends no
        /// [`NodeChildrenChanged`](EventType::NodeChildrenChanged).
        PersistentRecursive = 1,
    }
}

wire_enum! {
    /// Which watches to remove.
    pub enum WatcherType: "a watcher's type" {
        /// Those on children.
        Children = 1,
        /// Those on data and existence.
        Data = 2,
        /// All of them.
        Any = 3,
        /// Persistent ones.
        Persistent = 4,
        /// Persistent recursive ones.
        PersistentRecursive = 5,
    }
}

record! {
    /// What a server sends when a watch fires.
    pub struct WatcherEvent {
        /// What happened.
        pub kind: EventType,
        /// The connection's state; 3 for connected.
        pub state: i32,
        /// The znode that it happened to.
        pub path: String,
    }
}

record! {
    /// Adds a persistent watch.
    pub struct AddWatchRequest {
        /// The znode.
        pub path: String,
        /// How long the watch stays, and how far it sees.
        pub mode: AddWatchMode,
    }
    => AddWatch -> AddWatchResponse;
}

record! {
    /// A persistent watch is armed.
    pub struct AddWatchResponse {
        /// Always zero.
        pub err: i32,
    }
}

record! {
    /// Removes the session's watches on a znode.
    pub struct RemoveWatchesRequest {
        /// The znode.
        pub path: String,
        /// Which watches.
        pub kind: WatcherType,
    }
    => RemoveWatches -> ();
}

record! {
    /// Asks whether the session has watches on a znode.
    pub struct CheckWatchesRequest {
        /// The znode.
        pub path: String,
        /// Which watches.
        pub kind: WatcherType,
    }
    => CheckWatches -> ();
}

record! {
    /// Arms one-shot watches again after a reconnect, and fires those that missed something.
    pub struct SetWatchesRequest {
        /// The newest transaction that the client has seen: later changes fire.
        pub relative_zxid: i64,
        /// Watches on data.
        pub data: Vec<String>,
        /// Watches on znodes that were not there.
        pub exist: Vec<String>,
        /// Watches on children.
        pub child: Vec<String>,
    }
    => SetWatches -> ();
}

record! {
    /// The same, with persistent watches, which are armed without looking back.
    pub struct SetWatches2Request {
        /// The newest transaction that the client has seen: later changes fire.
        pub relative_zxid: i64,
        /// Watches on data.
        pub data: Vec<String>,
        /// Watches on znodes that were not there.
        pub exist: Vec<String>,
        /// Watches on children.
        pub child: Vec<String>,
        /// Persistent watches.
        pub persistent: Vec<String>,
        /// Persistent recursive watches.
        pub persistent_recursive: Vec<String>,
    }
    => SetWatches2 -> ();
}
