//! The bounds of the server: every queue, buffer and count that a client could make grow.

use std::time::Duration;

/// The longest frame before the handshake is done. A handshake takes 45 bytes; nothing more is
/// kept for somebody who has not said who he is.
pub const GREETING_LEN_MAX: usize = 1024;

/// How long a connection may take to say who it is, TLS included. A client says it at once.
pub const GREETING_LIMIT: Duration = Duration::from_secs(10);

/// How many connections may be open in all by default. Each takes a descriptor and, idle, about a
/// kilobyte.
pub const CONNECTIONS_MAX_DEFAULT: usize = 10_000;

/// How many connections may be open from one address by default. On one machine all clients share
/// one address, so it is far above Apache ZooKeeper's 60.
pub const CONNECTIONS_PER_ADDRESS_MAX_DEFAULT: usize = 1000;

/// How many connections may be open that have not said yet who they are. One more, and the oldest
/// of them is closed: so those that never say anything cannot keep the others out.
pub const SILENT_MAX: usize = 1024;

/// How many requests of one connection may be unanswered by default. When there are as many, no
/// more is read from it.
pub const REQUESTS_IN_FLIGHT_MAX_DEFAULT: usize = 1000;

/// How many bytes of one connection's requests may be unanswered. One request is always taken.
pub const REQUEST_BYTES_IN_FLIGHT_MAX: usize = 4 << 20;

/// From how many unsent bytes on no further request of a connection is carried out. What is in
/// work already, and watch events, may still add to them.
pub const UNSENT_PAUSE: usize = 1 << 20;

/// How many bytes may be unsent before a connection is closed. Requests stop at
/// [`UNSENT_PAUSE`], so it takes a client that does not read while the things that it watches
/// change. One reply may be longer.
pub const UNSENT_MAX: usize = 16 << 20;

/// How many bytes may be kept on all connections together for clients that do not read: what is
/// unsent, and requests that wait behind it. Beyond it, connections are closed.
pub const UNSENT_TOTAL_MAX: usize = 512 << 20;

/// Down to how many bytes they are closed then, those first for which the most is kept: so that
/// not each request has all connections looked at.
pub const UNSENT_TOTAL_LOW: usize = UNSENT_TOTAL_MAX / 8 * 7;

/// From how many bytes on the answer to a four-letter word is long. All but lists of clients are
/// shorter.
pub const LONG_ANSWER_LEN: usize = 64 << 10;

/// How many long answers may be on their way to clients at a time, of about 4 MiB each. Whoever asks
/// for one more is hung up on.
pub const LONG_ANSWERS_MAX: usize = 16;

/// How many bytes are read at once. They go to the stack first, so an idle connection has no
/// buffer.
pub const READ_LEN: usize = 64 << 10;

/// How many pieces one write may have.
pub const WRITE_PIECES_MAX: usize = 64;

/// How many messages of connections may wait for the core. Each holds what one read brought.
pub const CORE_QUEUE: usize = 1024;

/// How many messages the core takes in one turn.
pub const TURN_MESSAGES_MAX: usize = 128;

/// How many bytes of messages the core takes in one turn, and one message: a turn is one append
/// to the log, and those who come later should not wait for long.
pub const TURN_LEN_MAX: usize = 1 << 20;

/// How many bytes of the log one turn may fill: the log takes 16 MiB at once. A turn has at most
/// [`TURN_LEN_MAX`] bytes of requests, then one more message with at most
/// [`REQUEST_BYTES_IN_FLIGHT_MAX`] and one request, and what all that changes is rarely longer; a
/// request that comes to more is refused.
pub const TURN_LOG_LEN_MAX: u64 = 15 << 20;

/// How much of the log's room is left alone: what it rounds up for each append.
pub const TURN_LOG_LEN_SPARE: u64 = 64 << 10;

/// The longest request that can be configured: with what else a turn has, it has to fit into
/// [`TURN_LOG_LEN_MAX`].
pub const FRAME_LEN_MAX: usize = 4 << 20;

/// How many znodes go into one slice of a snapshot: a slice delays a turn by a fraction of a
/// millisecond.
pub const SNAPSHOT_SLICE_NODES: usize = 512;

/// How many watches of connections that are gone are cleared away between two turns: that delays a
/// turn by about a millisecond.
pub const WATCH_SLICE: usize = 1024;

/// How long the end of the server waits for replies to leave and for clients to hang up.
pub const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// How long a listener rests when the system has no descriptor left for a connection.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// At most one line says in such a time that connections were refused, and one for each other
/// reason why a client is turned away: a client must not be able to fill the log.
pub const TURNED_AWAY_LOGGED_EVERY: Duration = Duration::from_secs(10);

/// How many connections may wait to be accepted. The system cuts it to its own limit.
pub const BACKLOG: u32 = 4096;
